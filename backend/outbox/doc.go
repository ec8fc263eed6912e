// Package outbox owns every mail that leaves Portico: the account it goes out
// with, the queue, the texts, and the addresses that get none.
//
// Tables: mails, mail_totals, mail_account, mail_usage, mail_templates,
// mail_suppressions. Work is kept as jobs of kind "mail", one per mail.
// Emits: mail.accepted, mail.failed.
//
// What always holds:
//   - A mail is queued in the commit that made it necessary, and is never lost:
//     it ends accepted, failed, cancelled or unknown, and each is shown.
//   - `sending` is durable before the first byte of content leaves. A crash or a
//     lost reply after that means unknown: one more try after 15 minutes with the
//     same Message-ID, then a person decides.
//   - Neither links nor codes nor passwords are stored or logged. A mail keeps the
//     selector of its link; the address is made while the mail is written, and
//     previews show …/k/SAMPLE.
//   - Trouble with the account or the network costs no mail an attempt: the account
//     is paused or offline and the mails wait.
//   - Values are put into texts by one small parser, escaped for where they stand;
//     text from people is never a template of anything else.
//
// Read post.go for who sends what when, send.go for the way of one mail, decide.go
// for what follows from an answer.
package outbox
