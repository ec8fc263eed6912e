// Package contacts is the address book: the people a business works with. It is
// the reference room: a new room looks like this one.
//
// Owns the tables contacts, contact_emails, tags, contact_tags, notes and
// contact_views, and the search index "contacts".
//
// Emits contacts.created, contacts.updated, contacts.archived,
// contacts.unarchived, contacts.deleted, contacts.restored, contacts.note_added,
// contacts.purged.
//
// What always holds:
//   - An email address belongs to at most one contact that is not deleted; the
//     first address of a contact is the one they sign in with.
//   - A contact has a name; when none is given it is the first address.
//   - Phones are E.164, languages BCP 47, time zones IANA, countries ISO 3166-1.
//   - A deleted contact keeps everything for 30 days and can be restored, but has
//     no addresses, no access and appears nowhere; then it is erased.
//   - tags.uses is the number of contacts, not deleted, that carry the tag.
//   - The search index holds exactly the contacts that are not deleted.
package contacts
