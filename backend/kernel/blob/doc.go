// Package blob keeps files that are too large for a row: one file per blob,
// under a random id, in a folder that nothing else writes to. Names that people
// gave are rows elsewhere; here is nothing a name could break out of.
//
// A blob is on the disk before its row is committed (write, fsync, rename, fsync
// of the folder), so a crash leaves at worst a file that no row knows. Sweep
// finds those.
//
// Pictures makes thumbnails: what is shown inline is always drawn anew by us,
// never the bytes somebody sent.
//
// On disk: <dir>/ab/cd/abcd… and <dir>/tmp/… for what is still being written.
package blob
