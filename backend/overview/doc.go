// Package overview shows what the other rooms did: the staff's home, a contact's
// timeline, the bell, the health page, the audit log, and the client's home. It
// is the one room that may read any table, and it changes none but its own.
//
// Owns the table client_marks: what a client has seen or put away. What staff
// chose (name, language, time zone, theme, set-up, the bell's mark) are settings
// named overview.*. Emits nothing.
//
// What always holds:
//   - A fact becomes a sentence through the table in sentences.go and the message
//     catalogue, in the reader's language, when it is read: nothing rendered is
//     stored. A fact that the table does not know is still shown, readably.
//   - What a client sees of the events is an allow-list, in words of its own, with
//     the contact's id in the WHERE.
//   - Lists are read backward by id (ids sort by time). Searching reads on in
//     pieces of a bounded size; a page may be short and still name a next one.
//
// Read sentences.go and timeline.go first.
package overview
