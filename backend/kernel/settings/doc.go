// Package settings keeps what the owner can change, as named JSON values in one
// table. A package declares a Key with its default next to the code that uses
// it; nothing is stored until somebody changes it, so a default that a release
// improves reaches everybody who never touched it.
//
// Secrets do not belong here: see kernel/secret.
//
// Tables: settings.
package settings
