// Package domains is the portal's own address: the name that the owner enters, the
// records to be made for it, the doctor that says what is wrong, and the way from
// the default address to the new one over HTTPS.
//
// Owns the tables domain_plan, domain_names, domain_checks, domain_updates,
// domain_notices and domain_mappings. Emits domains.switched.
//
// What always holds:
//   - At most one name is active: links and redirects are made of it. Names that
//     were active before are former; they go on answering, so that links in old
//     mails work. The default address (--base-url or the listener) always answers.
//   - A name becomes active only after a certificate for it was obtained: the old
//     address serves until the new one is proven.
//   - Nothing is asked of any server outside before the owner has chosen a name.
//   - No certificate is ordered before the checks have found nothing that stands
//     against it, and only for names that stand in this room's tables.
//   - A finding is a code with values; its words are in the catalogue: one sentence
//     what, one sentence what to do.
//   - An update is a row with steps: a restart goes on where it was.
//
// Read name.go for the names, service.go for the verbs, doctor.go for the checks
// and updating.go for the way of an update.
package domains
