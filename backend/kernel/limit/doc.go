// Package limit counts what must not happen too often (backend/doc/security.md): sign-in
// mails asked for, forged links tried. Counters live in the database, so that
// they survive restarts and hold across nodes; how much is allowed are rows of
// the settings table.
//
// Each counter is a sliding window made of two counts, the running window's and
// the one before, kept in one row so that one row lock covers both. A window
// begins with the first hit, not with the clock: whoever comes out of nowhere
// gets exactly Max within Per. The window before fades out over the time in
// which its hits fell.
//
// Keys are hashed with a secret: the table tells nobody's address.
//
// Tables: limit_counters.
package limit
