// Package certs gets certificates from an authority (ACME, with certmagic) and
// keeps them good. It owns the one loop that decides when to ask: certmagic's own
// retries and renewals are never used, because they know neither our limits nor
// a Retry-After, and in one case give up.
//
// What holds, whatever happens (promises A18, A19):
//   - One attempt is one order and one challenge. An attempt is written down
//     before it begins, so a process that dies in between has ordered at most once
//     and waits before the next; an account's key is kept before it is registered,
//     so there is one account for a directory and an email.
//   - At most 3 failed validations an hour and 5 orders a day for a name, and
//     never before the time an authority told us.
//   - Before the first order at an authority that has a staging area, the order is
//     rehearsed there.
//   - Only managed names are ordered. Whoever asks for another name, or comes
//     before there is a certificate, gets the internal one of this installation.
//   - An old certificate is served for as long as there is no new one, and alarms
//     are raised 14, 7 and 3 days before it ends and when it has ended.
//
// Everything is in the database, sealed (keys, accounts, certificates), so that
// several nodes share it. Words for people are the room's: Code, Kind and Why are
// keys for it.
//
// Tables: certs_value, certs_lock, certs_name, certs_attempt, certs_history.
package certs
