// Package secret keeps what must not stand in the store: the app's master key,
// passwords for mail accounts, the sealing key. They live in the keychain of the
// operating system, or where there is none in a file that only its owner can
// read, outside the database and outside plain backups, so that neither a copied
// database nor a copied key is worth anything alone.
//
// From the master key every purpose derives a key of its own; Box seals small
// values, such as landing cookies, under such a key.
package secret
