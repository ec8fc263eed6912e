// Package audit is the log of who did what to what. Entries are written in the
// commit of the deed (tx.Audit), never changed (the engine refuses), and chained:
//
//	h_n = SHA-256(0x01 ‖ h_{n-1} ‖ len(e) as 8 bytes big-endian ‖ e)
//
// where e is the entry as canonical JSON (keys sorted, no white space). Personal
// values (names, address, browser) enter e only as a salted SHA-256 commitment
// and stand in a table of their own, so that they can be erased without breaking
// the chain.
//
// Tables: audit_log, audit_personal, audit_head.
package audit
