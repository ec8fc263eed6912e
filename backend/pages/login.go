package pages

// Notice is a calm line above the form: why the person sees the sign-in page.
// It is safe to take from a query string: an unknown value shows nothing.
type Notice string

// The notices the sign-in page can show.
const (
	NoticeNone         Notice = ""
	NoticeSignedOut    Notice = "signed_out"    // they signed out themselves
	NoticeSessionEnded Notice = "session_ended" // the session ended or was ended
	NoticeSignInFirst  Notice = "sign_in"       // they opened a page that needs a session
)

// known drops every notice there are no words for.
func (n Notice) known() Notice {
	switch n {
	case NoticeSignedOut, NoticeSessionEnded, NoticeSignInFirst:
		return n
	}
	return NoticeNone
}

// Login is the sign-in page. Its zero value is the page most people get: the
// same bytes for everyone of one language, so the caller may keep them.
type Login struct {
	Notice Notice
	// Email is what was typed, kept when the page comes back with an error.
	Email string
	// Next is where to go after signing in; the caller has checked it.
	Next string
	// BadEmail: what was typed cannot be an address (answer 422).
	BadEmail bool
	// WithCode offers "I have a code".
	WithCode bool
}

// Login renders GET /login and its 422.
func (p *Pages) Login(frame Frame, view Login) []byte {
	view.Notice = view.Notice.known()
	if view.Notice == NoticeSignInFirst && (view.Next == "" || view.Next == "/") {
		view.Notice = NoticeNone // they came to the front door; nobody has to be told why
	}
	return p.render("login.html", frame, view, true)
}

// LoginSent is the answer to every sign-in request, whoever asks: it must not
// depend on whether the address is known.
type LoginSent struct {
	// Email is what was typed, whether or not anyone has it. Without it (a code
	// tried from elsewhere) the page asks for it again beside the code.
	Email string
	// Next is carried on into the code form.
	Next string
	// Minutes a link lives; 0 leaves the sentence out.
	Minutes int
	// WithCode shows the form for the code in the mail.
	WithCode bool
	// BadCode: the code was wrong, too old, or asked for in another browser.
	// One answer for all three (401). Code is what was typed.
	BadCode bool
	Code    string
}

// LoginSent renders the answer to POST /login, and POST /login/code when the
// code did not work.
func (p *Pages) LoginSent(frame Frame, view LoginSent) []byte {
	return p.render("sent.html", frame, view, true)
}
