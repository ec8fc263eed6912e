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
//     same Message-ID, then a person decides; a login mail is not tried again. An
//     ordinary connection has at most one mail in that state, and there is one
//     unless somebody sets more: a kill makes at most one mail come twice (ADR 12).
//   - Neither links nor codes nor passwords are stored or logged. A mail keeps the
//     selector of its link; the address is made while the mail is written, and
//     previews show …/k/SAMPLE.
//   - Trouble with the account or the network costs no mail an attempt: the account
//     is paused or offline and the mails wait.
//   - The provider's limits are counted in the commit that lets a mail go. A tenth
//     of them is kept for login mail, which goes first.
//   - What is over is removed after 90 days; what waits or is in doubt stays.
//   - On days on which the audit log grew, its newest hash goes to the account's own
//     mailbox.
//   - Values are put into texts by one small parser, escaped for where they stand;
//     text from people is never a template of anything else.
//
// Read post.go for who sends what when, send.go for the way of one mail, decide.go
// for what follows from an answer.
package outbox
