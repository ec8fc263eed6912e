// Package demo fills an empty Portico with a believable small business, to try
// things out, and takes it away again in one step. It owns no table: everything
// is made by the other rooms' own verbs, so nothing in it is pretended. What it
// made is remembered under the setting "demo".
//
// What always holds: it never touches what it did not make, and mail that it
// causes is kept as files unless a mail account was set up before.
package demo
