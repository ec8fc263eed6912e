package mail

// inputMeanings: what our own validation says, one sentence for every bad input.
var inputMeanings = []Meaning{
	{"mail.invalid", "An entry is not valid.", "Correct the marked field."},

	// The account.
	{"mail.host_missing", "The mail server's name is missing.", "Enter the name from your provider's instructions, such as smtp.example.com."},
	{"mail.host_not_name", "The mail server must be a plain name, without http://, smtp://, a path or a port.", "Enter only the name, such as smtp.example.com, and the port in its own field."},
	{"mail.host_invalid", "This is not a valid server name.", "Check the spelling; a name looks like smtp.example.com."},
	{"mail.port_range", "The port must be a number from 1 to 65535.", "Use 465 with TLS or 587 with STARTTLS."},
	{"mail.security_unknown", "This kind of encryption is not known.", "Choose TLS, STARTTLS or none."},
	{"mail.username_missing", "A password is set, but the user name is missing.", "Enter the user name, which is often the whole mail address."},
	{"mail.password_missing", "A user name is set, but the password is missing.", "Enter the password, or remove the user name if the server needs no login."},
	{"mail.credentials_control", "The user name or the password contains a line break or another invisible character.", "Enter it again by hand instead of pasting it."},
	{"mail.credentials_long", "The user name or the password is too long.", "Check that nothing else was pasted into the field."},
	{"mail.password_in_clear", "A password is never sent without encryption.", "Choose TLS or STARTTLS, or remove user name and password."},
	{"mail.from_incomplete", "The sender's address needs a complete domain after the @.", "Enter an address such as hello@example.com."},
	{"mail.hello_invalid", "The hello name must be a complete name of a computer, and not localhost.", "Enter a name under your own domain, such as mail.example.com, or leave the field empty."},
	{"mail.timeout_range", "The timeout must not be negative.", "Leave it empty for the usual 60 seconds."},

	// Addresses.
	{"mail.address_missing", "The mail address is missing.", "Enter an address such as ann@example.com."},
	{"mail.address_many", "There is more than one mail address in the field.", "Enter exactly one address."},
	{"mail.address_named", "The field must hold the bare mail address, without a name or brackets.", "Enter only the address, such as ann@example.com."},
	{"mail.address_syntax", "This is not a valid mail address.", "Check the spelling; an address looks like ann@example.com."},
	{"mail.address_long", "The mail address is too long.", "Check that nothing else was pasted into the field; the limit is 254 characters."},
	{"mail.address_letters", "The part of the mail address before the @ contains letters that most mail servers cannot handle, such as ä or é.", "Ask for an address that is written with plain letters before the @."},
	{"mail.address_domain", "The part of the mail address after the @ is not a valid domain.", "Check the spelling; it looks like example.com."},

	// The message.
	{"mail.header_injection", "The text contains a line break or another invisible character where a single line is needed.", "Remove it; this is refused because it could be used to smuggle in further recipients."},
	{"mail.not_text", "The text contains bytes that are not valid characters.", "Enter the text again by hand instead of pasting it."},
	{"mail.name_long", "The name is too long.", "Shorten it to at most 200 characters."},
	{"mail.subject_long", "The subject is too long.", "Shorten it to at most 500 characters."},
	{"mail.header_name", "The name of an additional header may only contain letters, digits and hyphens.", "Correct the header's name."},
	{"mail.header_reserved", "This header is set by the program itself and cannot be added.", "Remove the additional header."},
	{"mail.header_value", "An additional header may only contain plain letters, digits and signs.", "Remove letters such as ä or é from the header's value."},
	{"mail.header_long", "An additional header is too long.", "Shorten it to at most 900 characters in one piece."},
	{"mail.message_id", "The message's identifier does not have the form <name@domain>.", "This is a fault in the program: please report it."},
	{"mail.date_missing", "The message has no date.", "This is a fault in the program: please report it."},
	{"mail.body_missing", "The message has no text.", "Write some text before sending."},
	{"mail.inline_without_html", "Pictures can only be placed inside a formatted message.", "Send the message as formatted text, or remove the pictures."},
	{"mail.inline_id", "A picture's identifier may only contain letters, digits, dots, hyphens and underscores, each one only once.", "This is a fault in the program: please report it."},
	{"mail.inline_type", "Only pictures can be placed inside a message.", "Use a PNG, JPEG, GIF or WebP picture."},
	{"mail.inline_empty", "A picture in the message is empty.", "Add the picture again."},
	{"mail.message_large", "The message is larger than 25 MB, which most mail servers refuse.", "Use smaller pictures, or share the file in the portal instead."},
	{"mail.raw_malformed", "The prepared message is damaged and was not sent.", "This is a fault in the program: please report it."},
}
