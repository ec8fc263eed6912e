package mail

import "context"

// Sender carries composed bytes to where mail goes. *Conn sends by SMTP,
// *Files writes into a folder.
//
// Send hands one mail for one recipient over. from and to are bare addresses
// (see CheckAddress), raw is what Compose gave. onData, when not nil, is called
// exactly once right before the first byte of content leaves, so that the
// caller can store "sending": an error from it stops the mail, nothing was
// handed over, and Send returns it inside a Problem of class Cancelled. A crash
// after onData means the outcome is unknown; a crash before it means the mail
// was not sent.
//
// Send returns as soon as ctx ends. A nil error means accepted by the server,
// whatever happened afterwards; any other outcome is a *Problem.
type Sender interface {
	Send(ctx context.Context, from, to string, raw []byte, onData func() error) (Receipt, error)
	Close() error
}

// Receipt is the server's own last word on an accepted mail, to be kept as
// proof: {250, "2.0.0 queued as 4X1"}.
type Receipt struct {
	Code int
	Text string // lines joined by "\n"
}
