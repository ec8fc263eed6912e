// Package torture treats the real program badly from outside: it kills it while
// it writes, takes its disk away, and looks afterwards whether everything that
// was acknowledged is still there (promises.md, A1 to A3 and A7).
//
// The tests are scaled for CI. `PORTICO_TORTURE=full go test -tags sqlite_fts5
// -timeout 2h ./backend/torture` runs them in full; `go run ./build/task bench`
// borrows the tools in this package: Program starts and kills `portico serve`,
// API speaks to it, Sink is the mail server it sends to, Shim is the bad disk,
// and Inspect looks into the store of a program that is not running.
//
// kill -9 is not a power cut: what the kernel has taken from a killed process it
// still writes. That an answer waits for fsync is what the shim's tests show.
package torture
