// Package access is how people get in: invitations, links, codes, sessions, and
// the portal dashboard that shows them.
//
// Owns the tables portal_members, links, login_requests, sessions,
// staff_sessions, staff_links and api_tokens.
//
// Emits access.invited, access.invitation_revoked, access.login_requested,
// access.link_made, access.link_opened, access.link_revoked, access.joined,
// access.signed_in, access.signed_out, access.suspended, access.restored,
// access.signed_out_everywhere.
//
// What always holds:
//   - A token is never kept: links hold a random selector, and the verifier is an
//     HMAC under a key that is not in the store. Sessions are kept as hashes.
//   - GET changes nothing but counters. A link is used by POST, once, in the
//     transaction that makes the session.
//   - Every way in asks the one function MaySignIn.
//   - What ends access (suspending, deleting, a new address, signing out
//     everywhere) raises the member's epoch and ends sessions and links in the
//     same commit; open sockets close within a second.
//   - Nobody learns from an answer whether an address is known.
package access
