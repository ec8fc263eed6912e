// Package i18n is the message catalogue of the server: the sentences of faults,
// mails and pages in every language Portico speaks.
//
// A package that speaks keeps its words in messages/<language>.json, one flat
// object of key and text, embeds them and hands them to New. The key of a fault's
// sentence is its code. Texts name their parameters in braces, {name}; a text
// that counts comes as two keys, x_one and x_other, asked for as x with the
// parameter count. A new language is one new file in every such directory;
// Check, run by each package's own test, says what it still lacks.
//
// The kernel's own words are here, because kernel packages are asked for
// sentences before any room exists.
package i18n
