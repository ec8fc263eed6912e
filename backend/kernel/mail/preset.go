package mail

// Limits are what a provider allows. They change often and differ between
// plans: they are starting values for settings that a person can edit.
type Limits struct {
	PerMinute     int // mails a minute
	PerDay        int // recipients in a rolling 24 hours
	PerConnection int // mails before the connection is replaced, at most 50: OpenSMTPD cuts at 100
}

// Preset fills the mail settings for a known provider.
type Preset struct {
	ID       string // stable: "gmail"
	Name     string // a brand, not translated
	Host     string // "" when a person must enter it
	Port     int
	Security Security
	HelpKey  string // catalogue key of Help
	Help     string // English: what to know before the first try
	Limits   Limits
}

// Presets lists the known providers, the most common first and "custom" last.
// Where a provider publishes limits these are used (Gmail 500 recipients a day,
// Microsoft 365 30 mails a minute and 10,000 recipients a day, IONOS 50 mails
// an hour in a contract's first week); the rest are cautious guesses.
func Presets() []Preset {
	return []Preset{
		{
			ID: "gmail", Name: "Gmail / Google Workspace", Host: "smtp.gmail.com", Port: 465, Security: SecurityTLS,
			HelpKey: "mail.help_gmail",
			Help:    "Google wants an app password here, not your normal one: switch on 2-step verification in your Google account, then create an app password and paste it. A Workspace account may send 2,000 mails a day, a free one 500.",
			Limits:  Limits{PerMinute: 20, PerDay: 500, PerConnection: 50},
		},
		{
			ID: "microsoft365", Name: "Microsoft 365 / Outlook", Host: "smtp.office365.com", Port: 587, Security: SecurityStartTLS,
			HelpKey: "mail.help_microsoft365",
			Help:    "Microsoft has switched sending with a password off for many mailboxes: an administrator must allow \"Authenticated SMTP\" for this mailbox, and accounts with two-step sign-in need an app password. The sender's address must be the mailbox's own.",
			Limits:  Limits{PerMinute: 30, PerDay: 10000, PerConnection: 50},
		},
		{
			ID: "fastmail", Name: "Fastmail", Host: "smtp.fastmail.com", Port: 465, Security: SecurityTLS,
			HelpKey: "mail.help_fastmail",
			Help:    "Fastmail wants an app password here: create one under Settings, Privacy & Security, with access to mail. The user name is your main Fastmail address, even if you send under another domain.",
			Limits:  Limits{PerMinute: 20, PerDay: 1000, PerConnection: 50},
		},
		{
			ID: "zoho", Name: "Zoho Mail", Host: "smtp.zoho.com", Port: 465, Security: SecurityTLS,
			HelpKey: "mail.help_zoho",
			Help:    "Use the server of your region, such as smtp.zoho.eu; a paid account with an own domain uses smtppro.zoho.com or smtppro.zoho.eu. With two-step sign-in create an app password. The sender's address must be the account's own or an alias of it.",
			Limits:  Limits{PerMinute: 10, PerDay: 150, PerConnection: 50},
		},
		{
			ID: "ionos", Name: "IONOS", Host: "smtp.ionos.com", Port: 465, Security: SecurityTLS,
			HelpKey: "mail.help_ionos",
			Help:    "The user name is the whole mail address. Use the server of your country, such as smtp.ionos.de or smtp.ionos.co.uk. A new contract may send 50 mails an hour in its first week, more after that.",
			Limits:  Limits{PerMinute: 10, PerDay: 500, PerConnection: 50},
		},
		{
			ID: "custom", Name: "Other", Port: 465, Security: SecurityTLS,
			HelpKey: "mail.help_custom",
			Help:    "Your provider's instructions call it \"outgoing mail\" or \"SMTP\": take the server name and port from there. Port 465 goes with TLS, port 587 with STARTTLS. The user name is often the whole mail address.",
			Limits:  Limits{PerMinute: 20, PerDay: 500, PerConnection: 50},
		},
	}
}
