package mail

import (
	"slices"
	"strings"
	"time"
)

// greylistWait: a greylisting server wants to see the same mail again, but not
// at once; five minutes is the usual lower bound.
const greylistWait = 5 * time.Minute

// dayWait: daily quotas are counted over rolling 24 hours by all presets.
const dayWait = 24 * time.Hour

// rule is one line of the table below. Every condition that is set must hold;
// words is satisfied by any one of them (lower case).
type rule struct {
	steps    []Step
	codes    []int
	digit    int      // first digit of the code
	enhanced []string // exact ("5.4.5") or a prefix ending in a dot ("5.1.")
	bare     bool     // only without an enhanced code
	words    []string
	class    Class
	key      string
	wait     time.Duration
}

// rules are read from the top; the first that fits decides. Codes: RFC 5321
// §4.2.3, RFC 4954 §6, RFC 3463, RFC 5248, and what Gmail, Exchange Online and
// IONOS document about their own replies. The last two always fit.
var rules = []rule{
	// Encryption first: such a refusal is about the account, not the mail.
	{steps: []Step{StepStartTLS}, digit: 4, class: Temporary, key: "mail.starttls_later"},
	{steps: []Step{StepStartTLS}, digit: 5, class: InsecureRefused, key: "mail.starttls_refused"},
	{codes: []int{538}, class: InsecureRefused, key: "mail.tls_required"},
	{steps: []Step{StepAuth, StepSender}, words: []string{"starttls", "encryption required", "must use tls"}, class: InsecureRefused, key: "mail.tls_required"},

	// Login.
	{steps: []Step{StepAuth}, codes: []int{421, 432, 454}, class: Limit, key: "mail.auth_later"},
	{steps: []Step{StepAuth}, digit: 4, class: Temporary, key: "mail.auth_later"},
	{steps: []Step{StepAuth}, enhanced: []string{"5.7.9"}, class: Auth, key: "mail.auth_app_password"},
	{steps: []Step{StepAuth}, words: []string{"application-specific", "app password", "app-specific"}, class: Auth, key: "mail.auth_app_password"},
	{steps: []Step{StepAuth}, enhanced: []string{"5.7.14"}, class: Auth, key: "mail.auth_web_login"},
	{steps: []Step{StepAuth}, enhanced: []string{"5.7.139"}, class: Auth, key: "mail.auth_switched_off"},
	{steps: []Step{StepAuth}, words: []string{"basic authentication is disabled", "smtpclientauthentication"}, class: Auth, key: "mail.auth_switched_off"},
	{steps: []Step{StepAuth}, codes: []int{500, 502, 503, 504}, class: Auth, key: "mail.auth_unsupported"},
	{steps: []Step{StepAuth}, digit: 5, class: Auth, key: "mail.auth_refused"},
	{codes: []int{530, 534, 535}, class: Auth, key: "mail.auth_needed"},
	{steps: []Step{StepSender, StepRecipient}, digit: 5, words: []string{"authentication required", "please authenticate", "must authenticate", "not authenticated"}, class: Auth, key: "mail.auth_needed"},

	// Quotas and speed.
	{enhanced: []string{"5.4.5"}, class: Limit, key: "mail.limit_day", wait: dayWait},
	{words: []string{"daily user sending", "daily sending", "daily limit", "submissionquotaexceeded"}, class: Limit, key: "mail.limit_day", wait: dayWait},
	{words: []string{"storedrv.submission.exception:quotaexceeded"}, class: Limit, key: "mail.own_mailbox_full", wait: dayWait},
	{codes: []int{421}, class: Limit, key: "mail.limit_now"},
	{codes: []int{432, 454}, class: Limit, key: "mail.limit_now"},
	{enhanced: []string{"4.5.3", "4.7.28", "4.3.2"}, class: Limit, key: "mail.limit_now"},
	{digit: 4, words: []string{"limit exceeded", "rate limit", "too many messages", "too many mails"}, class: Limit, key: "mail.limit_now"},

	// Before any mail.
	{steps: []Step{StepGreeting}, digit: 5, class: Policy, key: "mail.greeting_refused"},
	{steps: []Step{StepHello}, digit: 5, class: Permanent, key: "mail.hello_refused"},

	// The sender's address.
	{enhanced: []string{"5.7.60", "5.2.252"}, class: Policy, key: "mail.sender_not_yours"},
	{words: []string{"sendasdenied", "not allowed to send as", "sender address rejected: not owned"}, class: Policy, key: "mail.sender_not_yours"},
	{enhanced: []string{"5.1.7", "5.1.8"}, class: Policy, key: "mail.sender_refused"},
	{steps: []Step{StepSender}, enhanced: []string{"5.3.4", "5.2.3"}, class: Permanent, key: "mail.too_large"},
	{steps: []Step{StepSender}, codes: []int{523, 552}, class: Permanent, key: "mail.too_large"},
	{steps: []Step{StepSender}, enhanced: []string{"5.7."}, class: Policy, key: "mail.sender_refused"},
	{steps: []Step{StepSender}, digit: 5, class: Permanent, key: "mail.sender_refused"},

	// The recipient's address.
	{enhanced: []string{"5.1.2", "5.4.310"}, class: BadRecipient, key: "mail.recipient_domain"},
	{enhanced: []string{"5.1.", "5.4.1"}, class: BadRecipient, key: "mail.recipient_unknown"},
	{enhanced: []string{"5.2.1"}, class: BadRecipient, key: "mail.recipient_disabled"},
	{enhanced: []string{"5.2.2"}, class: Permanent, key: "mail.mailbox_full"},
	{enhanced: []string{"4.2.2"}, class: Temporary, key: "mail.mailbox_full"},
	{steps: []Step{StepRecipient}, digit: 5, words: []string{"relay"}, class: Policy, key: "mail.relay_refused"},
	{digit: 5, bare: true, words: []string{"spam", "block", "blacklist", "reputation", "policy", "denied"}, class: Policy, key: "mail.policy"},
	{steps: []Step{StepRecipient}, codes: []int{550, 551, 553}, bare: true, class: BadRecipient, key: "mail.recipient_unknown"},
	{steps: []Step{StepRecipient, StepData, StepAfterData}, codes: []int{450, 451}, enhanced: []string{"4.7.0", "4.7.1"}, class: Temporary, key: "mail.greylisted", wait: greylistWait},
	{digit: 4, words: []string{"greylist", "graylist", "grey-list", "gray-list"}, class: Temporary, key: "mail.greylisted", wait: greylistWait},

	// The content.
	{enhanced: []string{"5.7."}, class: Policy, key: "mail.policy"},
	{codes: []int{523, 552}, class: Permanent, key: "mail.too_large"},
	{enhanced: []string{"5.3.4", "5.2.3"}, class: Permanent, key: "mail.too_large"},

	{digit: 4, class: Temporary, key: "mail.temporary"},
	{digit: 5, class: Permanent, key: "mail.permanent"},
}

// refusal turns a server's 4xx or 5xx reply into a Problem.
func refusal(step Step, r reply) *Problem {
	p := &Problem{Step: step, Code: r.code, Enhanced: r.enhanced(), Reply: r.text()}
	words := strings.ToLower(p.Reply)
	for _, candidate := range rules {
		if candidate.fits(p, words) {
			p.Class, p.Key, p.Wait = candidate.class, candidate.key, candidate.wait
			return p
		}
	}
	return unexpected(step, r, nil)
}

func (c rule) fits(p *Problem, words string) bool {
	switch {
	case len(c.steps) > 0 && !slices.Contains(c.steps, p.Step),
		len(c.codes) > 0 && !slices.Contains(c.codes, p.Code),
		c.digit != 0 && c.digit != p.Code/100,
		c.bare && p.Enhanced != "",
		len(c.enhanced) > 0 && !slices.ContainsFunc(c.enhanced, func(want string) bool { return enhancedFits(want, p.Enhanced) }),
		len(c.words) > 0 && !slices.ContainsFunc(c.words, func(word string) bool { return strings.Contains(words, word) }):
		return false
	}
	return p.Code >= 400
}

func enhancedFits(want, got string) bool {
	if strings.HasSuffix(want, ".") {
		return strings.HasPrefix(got, want)
	}
	return want == got
}

// unexpected is a well-formed reply that makes no sense at this point, such as
// 250 where 354 was due. After the final dot it leaves the outcome open.
func unexpected(step Step, r reply, err error) *Problem {
	p := &Problem{Step: step, Class: Temporary, Key: "mail.reply_unexpected", Code: r.code, Enhanced: r.enhanced(), Reply: r.text(), Err: err}
	if step == StepAfterData {
		p.Class, p.Key = Unknown, "mail.unknown"
	}
	return p
}
