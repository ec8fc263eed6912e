package mail

import (
	"fmt"
)

// A server that offers PIPELINING (RFC 2920) takes MAIL, RCPT and DATA in one
// packet, which saves two of a mail's four round trips. The library waits for
// each answer, so the guard keeps the first two back, tells it that they went
// well, and sends them with DATA. If one was refused after all, that is what the
// library hears for DATA: it gives the mail up, and the step is known here.

// heldBack is what the library hears for a command that has not left yet.
const heldBack = "250 2.0.0 held back\r\n"

// holds keeps MAIL and RCPT back and sends them in front of DATA; false when the
// command is none of its business.
func (w *wire) holds(verb string, p []byte) (bool, error) {
	if !w.pipelining {
		return false, nil
	}
	switch verb {
	case "MAIL", "RCPT":
		w.held = append(w.held, p...)
		w.pending = append(w.pending, stepOf(verb, w.step))
		w.unread = append(w.unread, heldBack...)
		return true, nil
	case "DATA":
		together := append(w.held, p...)
		w.held, w.pending = nil, append(w.pending, StepData)
		w.enter(w.pending[0])
		_, err := w.push(together)
		return true, err
	}
	return false, nil
}

// listenTogether takes the answers to what was sent together and gives the
// library one: the first refusal, or the answer to DATA.
func (w *wire) listenTogether() error {
	steps := w.pending
	w.pending = nil
	for i, step := range steps {
		w.enter(step)
		r, err := readReply(w.in)
		if err != nil {
			return w.fail(err)
		}
		w.last, w.unread = r, r.bytes()
		w.log.heard(r)
		if step == StepData {
			w.content, w.tail = r.code == 354, nil
		} else if r.code/100 != 2 {
			return w.skip(len(steps) - i - 1)
		}
	}
	return nil
}

// skip takes the answers to what was sent behind a refused command. They say
// nothing new, but for a server that wants content all the same: it gets none.
func (w *wire) skip(more int) error {
	if w.last.code < 400 {
		return w.fail(fmt.Errorf("%w: %d", errGarbled, w.last.code))
	}
	for ; more > 0; more-- {
		r, err := readReply(w.in)
		if err == nil && r.code == 354 {
			if _, err = w.push([]byte(".\r\n")); err == nil {
				_, err = readReply(w.in)
			}
		}
		if err != nil {
			_ = w.fail(err) // the refusal stands; the connection is of no more use
			return nil
		}
	}
	return nil
}

// begin makes ready for a mail.
func (w *wire) begin() {
	w.held, w.pending, w.unread = nil, nil, nil
	w.enter(StepSender)
}
