package mail

// Meaning is a Problem in words for the person who runs the shop. Key is stable
// and belongs to the message catalogue ("mail.auth_refused"); What and Do are
// its English texts: one sentence for what happened, one for what to do.
type Meaning struct {
	Key  string
	What string
	Do   string
}

// MeaningOf looks a key up, as stored with a past attempt. The second result is
// false when this version does not know the key.
func MeaningOf(key string) (Meaning, bool) {
	for _, catalogue := range [][]Meaning{serverMeanings, inputMeanings} {
		for _, m := range catalogue {
			if m.Key == key {
				return m, true
			}
		}
	}
	return Meaning{}, false
}

// Meanings lists every sentence this package can say, for the message
// catalogue and its completeness test.
func Meanings() []Meaning {
	all := make([]Meaning, 0, len(serverMeanings)+len(inputMeanings))
	return append(append(all, serverMeanings...), inputMeanings...)
}

// serverMeanings: what servers, networks and certificates can do to a mail.
var serverMeanings = []Meaning{
	// The way to the server.
	{"mail.offline", "The mail server could not be reached.", "Check this computer's internet connection; waiting mail goes out by itself once the server answers."},
	{"mail.dns_unknown", "There is no server with this name.", "Check the spelling of the mail server's name in the mail settings."},
	{"mail.dns_failed", "The name of the mail server could not be looked up.", "Check this computer's internet connection; waiting mail goes out by itself once it is back."},
	{"mail.port_closed", "No mail program answers at this server name and port.", "Compare server name and port with your provider's instructions; if they are right, the server is down or your network blocks mail."},
	{"mail.network_unreachable", "This computer has no way to the mail server right now.", "Check this computer's internet connection; waiting mail goes out by itself once it is back."},
	{"mail.connect_timeout", "The mail server did not answer the connection attempt.", "Check server name and port; some networks block mail ports, so also try another internet connection."},
	{"mail.not_mail_server", "Something answered, but it was not a mail server.", "Check server name and port; in a hotel or café, open a web page first and accept the network's terms."},

	// Encryption.
	{"mail.tls_not_spoken", "This port starts without encryption, but the settings ask for encryption from the start.", "Choose STARTTLS for this port (usual for 587), or use port 465 with TLS."},
	{"mail.tls_failed", "The encrypted connection broke off while it was being set up.", "Check that port and encryption belong together (465 with TLS, 587 with STARTTLS), and try another internet connection."},
	{"mail.tls_too_old", "The mail server only offers outdated encryption, so nothing was sent to it.", "Ask the mail provider for a server that supports TLS 1.2 or newer."},
	{"mail.certificate", "The mail server could not prove that it is the right one.", "Check the server's name with your provider; do not continue on a public network until this works."},
	{"mail.certificate_untrusted", "The mail server's certificate comes from an issuer that this computer does not trust.", "Check the server's name; for a server of your own, install a public certificate or add its issuer to this computer."},
	{"mail.certificate_name", "The mail server's certificate is made out for another name.", "Enter the server name exactly as your provider writes it; on a public network its login page may be in the way."},
	{"mail.certificate_expired", "The mail server's certificate is out of date, or this computer's clock is wrong.", "Check this computer's date and time; if they are right, tell the mail provider."},
	{"mail.starttls_missing", "The mail server did not offer encryption, so neither the password nor any mail was sent to it.", "Try port 465 with TLS; if that fails too, something between you and the server is removing the encryption, so use another network."},
	{"mail.starttls_refused", "The mail server offered encryption and then refused it, so neither the password nor any mail was sent.", "Try port 465 with TLS, or ask the mail provider."},
	{"mail.starttls_later", "The mail server cannot encrypt the connection at the moment.", "Nothing to do: it is tried again by itself; if it lasts, ask the mail provider."},
	{"mail.starttls_injected", "Someone slipped data into the connection before it was encrypted, so it was cut.", "Use another network or port 465 with TLS, and tell whoever looks after your network."},
	{"mail.insecure_refused", "The connection was not encrypted, so neither the password nor any mail was sent.", "Choose TLS (port 465) or STARTTLS (port 587) in the mail settings."},
	{"mail.clear_public", "The settings ask for no encryption, but this server is on the public internet, so nothing was sent to it.", "Choose TLS (port 465) or STARTTLS (port 587); sending without encryption only works inside your own network."},
	{"mail.tls_required", "The mail server accepts mail over an encrypted connection only.", "Choose STARTTLS (port 587) or TLS (port 465) in the mail settings."},

	// Greeting and hello.
	{"mail.greeting_silent", "The server accepted the connection but said nothing.", "Check that port and encryption belong together: 465 with TLS, 587 with STARTTLS."},
	{"mail.greeting_closed", "The server hung up before saying hello.", "It is tried again by itself; if it lasts, your provider may be blocking this internet address."},
	{"mail.greeting_refused", "The mail server does not talk to this internet address.", "Use the outgoing mail server of your mail provider (a submission server, port 465 or 587), not the receiving one."},
	{"mail.hello_refused", "The mail server did not accept how this program introduced itself.", "Enter a name under your own domain as the hello name in the mail settings."},

	// Login.
	{"mail.auth", "The mail server did not let this account log in.", "Check user name and password in the mail settings, then run the test again."},
	{"mail.auth_refused", "The mail server refused the user name or the password.", "Enter both again; many providers want an app password instead of the normal one."},
	{"mail.auth_app_password", "The mail provider wants an app password instead of the normal one.", "Create an app password in your account's security settings and enter it here."},
	{"mail.auth_web_login", "The mail provider wants you to sign in on its web page first.", "Sign in there in a browser, confirm that it was you, then run the test again."},
	{"mail.auth_switched_off", "Your organisation has switched off sending with a password for this mailbox.", "Ask the administrator to allow authenticated SMTP for this mailbox, or use another mail account."},
	{"mail.auth_unsupported", "The mail server offers no way of logging in with a password that this program knows.", "Check the server name; if it is right, the provider allows sign-in through its own pages only, so use another mail account."},
	{"mail.auth_missing", "The mail server offers no login on this port.", "Use the provider's submission port: 465 with TLS or 587 with STARTTLS; if no login is needed, remove the user name."},
	{"mail.auth_needed", "The mail server wants a login before it takes mail.", "Enter user name and password in the mail settings."},
	{"mail.auth_later", "The mail server cannot check the password right now, or there were too many tries.", "Wait some minutes; it is tried again by itself."},
	{"mail.auth_dialogue", "The mail server's login dialogue could not be understood.", "Try the provider's other port (465 with TLS or 587 with STARTTLS)."},

	// Speed and quotas.
	{"mail.limit", "The mail server asks to slow down.", "Nothing to do: sending goes on more slowly by itself."},
	{"mail.limit_now", "The mail server is busy or gets too many mails at once.", "Nothing to do: sending pauses and goes on by itself."},
	{"mail.limit_day", "The mail account has reached its daily limit.", "Nothing to do: the rest goes out when the provider allows it again, usually within 24 hours."},
	{"mail.own_mailbox_full", "The mailbox you send from is full, so the provider blocks sending.", "Delete or move old mail in that mailbox, including the folder of sent mail."},

	// Addresses.
	{"mail.sender_refused", "The mail server refused the sender's address.", "Check that the sender's address in the mail settings exists and belongs to this mail account."},
	{"mail.sender_not_yours", "This mail account may not send under the sender's address.", "Use the account's own address as the sender, or have the provider allow the other one."},
	{"mail.bad_recipient", "The recipient's address does not work.", "Correct the contact's address and send again."},
	{"mail.recipient_unknown", "The recipient's address does not exist.", "Ask the contact for the right address, correct it and send again."},
	{"mail.recipient_domain", "The part of the recipient's address after the @ does not receive mail.", "Check the spelling of the address, correct it and send again."},
	{"mail.recipient_disabled", "The recipient's mailbox is switched off.", "Ask the contact for another address."},
	{"mail.mailbox_full", "The recipient's mailbox is full.", "Reach the contact another way and send again later."},
	{"mail.greylisted", "The receiving server asks every new sender to come back a little later.", "Nothing to do: it is tried again in some minutes, which usually works."},
	{"mail.relay_refused", "The mail server only takes mail for its own users.", "Use the outgoing server of your provider and log in with user name and password."},

	// The mail itself.
	{"mail.policy", "The mail was refused as unwanted or by a rule of the receiving side.", "Read the server's words below; check that your domain has SPF and DKIM set up, and write less like an advertisement."},
	{"mail.too_large", "The mail is larger than the mail server allows.", "Use smaller pictures, or share the file in the portal instead."},
	{"mail.temporary", "The mail server could not take the mail right now.", "Nothing to do: it is tried again by itself."},
	{"mail.permanent", "The mail server refused the mail for good.", "Read the server's words below and send again when the cause is gone."},

	// The connection.
	{"mail.timeout", "The mail server stopped answering.", "Nothing to do: it is tried again by itself; if it lasts, check the internet connection."},
	{"mail.connection_lost", "The connection to the mail server broke before the mail was handed over.", "Nothing to do: it is tried again by itself."},
	{"mail.reply_garbled", "The mail server answered with something that is not part of the mail protocol.", "It is tried again by itself; if it lasts, a virus scanner or firewall may be changing the connection."},
	{"mail.reply_unexpected", "The mail server gave an answer that does not fit the question.", "It is tried again by itself; if it lasts, show the server's words below to the mail provider."},
	{"mail.unknown", "The mail was handed over completely, but the server's confirmation got lost: it may or may not arrive.", "Ask the recipient, or look into the sent folder, before you send it again."},
	{"mail.cancelled", "Sending was stopped before the mail was handed over.", "Nothing to do: it goes out the next time sending runs."},
	{"mail.not_recorded", "Sending was stopped because this computer could not note down that it was about to send.", "Check free disk space; the mail is still waiting and goes out by itself."},
	{"mail.store_failed", "The mail could not be written into the folder for mails.", "Check that the folder exists, that it may be written to and that the disk is not full."},
}
