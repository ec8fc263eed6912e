// Package mailbox reads new mail from an IMAP mailbox as it arrives. It changes
// nothing there: no mail is marked as read, moved or deleted, so that people may
// use the mailbox as well.
//
// The password travels only over TLS; a server on this computer itself may do
// without. New mail is told by IDLE where the server can, and otherwise looked for
// every minute. Tables: none; whoever watches keeps the Place up to which mail was
// taken.
package mailbox
