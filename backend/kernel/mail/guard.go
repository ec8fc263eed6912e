package mail

import (
	"bytes"
	"slices"
	"strings"
)

// endOfMail closes the content of a mail (RFC 5321 §4.1.1.4). Dot-stuffing
// keeps it from occurring earlier.
var endOfMail = []byte("\r\n.\r\n")

// Write takes a command or a piece of content from the library.
func (w *wire) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.content {
		return w.writeContent(p)
	}
	verb := commandOf(p)
	if w.step == StepAuth && w.last.code == 334 {
		verb = "AUTH" // the next line of a login dialogue, not a command
		if bytes.Equal(p, []byte("*\r\n")) {
			// The library gives a dialogue up that it does not understand.
			return 0, w.fail(&Problem{Step: StepAuth, Class: Auth, Key: "mail.auth_dialogue", Code: 334, Reply: w.last.text()})
		}
	}
	if len(w.opening) > 0 && (verb == "EHLO" || verb == "HELO") {
		return len(p), nil // said already; the library hears the reply next
	}
	if !mayPass(verb, w.secure, w.demandTLS) {
		return 0, w.fail(&Problem{Step: stepOf(verb, w.step), Class: InsecureRefused, Key: "mail.insecure_refused"})
	}
	if held, err := w.holds(verb, p); held {
		return len(p), err
	}
	w.enter(stepOf(verb, w.step))
	return w.push(p)
}

// mayPass is the rule of the guard. In clear text only the way to encryption is
// open; an account without encryption may send mail but never a login. Lines
// that are no known command stay out too.
func mayPass(verb string, secure, demandTLS bool) bool {
	if secure {
		return true
	}
	if slices.Contains([]string{"EHLO", "HELO", "STARTTLS", "QUIT"}, verb) {
		return true
	}
	return !demandTLS && slices.Contains([]string{"MAIL", "RCPT", "DATA", "RSET"}, verb)
}

func commandOf(p []byte) string {
	line, _, _ := bytes.Cut(p, []byte("\r\n"))
	return strings.ToUpper(firstWord(string(line)))
}

func stepOf(verb string, current Step) Step {
	switch verb {
	case "AUTH":
		return StepAuth
	case "MAIL":
		return StepSender
	case "RCPT":
		return StepRecipient
	case "DATA":
		return StepData
	default:
		return current
	}
}

// writeContent passes the mail's bytes on. The step turns to StepAfterData
// before the final dot leaves: from then on the server may have the mail.
func (w *wire) writeContent(p []byte) (int, error) {
	if announce := w.onData; announce != nil {
		w.onData = nil
		if err := announce(); err != nil {
			return 0, w.fail(&Problem{Step: StepData, Class: Cancelled, Key: "mail.not_recorded", Err: err})
		}
	}
	w.tail = append(w.tail, p[max(0, len(p)-len(endOfMail)):]...)
	w.tail = w.tail[max(0, len(w.tail)-len(endOfMail)):]
	if bytes.Equal(w.tail, endOfMail) {
		w.content = false
		w.enter(StepAfterData)
	}
	return w.push(p)
}
