// Package mail is the transport for outgoing mail: it composes a message into
// bytes once, carries those bytes to a mail server, and says in plain words
// what the server answered. It knows no room, no database and no retry policy;
// the outbox decides when to send and what to do with a refusal.
//
// The way of a mail: Message → Compose (bytes, the same ones every time) →
// Sender.Send (one recipient) → Receipt, or a *Problem that names the step, the
// class and the server's own words. Problem.Meaning turns it into two sentences
// for a shop owner.
//
// SMTP is spoken by xhit/go-simple-mail, which may not be trusted with a bare
// connection: it continues in clear text, password included, when a server
// offers no STARTTLS; its login phase has no timeout; and it does not let go
// when a caller cancels. So the library never sees the network. It talks to
// wire, a net.Conn of ours that
//   - dials with the caller's context and hangs up the moment that ends,
//   - does TLS itself, for port 465 and for STARTTLS, before the library starts,
//   - refuses to let AUTH, MAIL, RCPT or DATA pass in clear text where the
//     account demands encryption, whatever the library may think,
//   - bounds every command by a deadline and every reply by a size,
//   - remembers the step and the server's last words, which the library hides.
//
// Sources: RFC 5321 (SMTP), 3207 (STARTTLS), 4954 (AUTH), 3463 and 5248
// (enhanced status codes), 5322 and 2045–2047 (message format), 8314 (TLS for
// submission), 1047 (the gap after the final dot).
package mail
