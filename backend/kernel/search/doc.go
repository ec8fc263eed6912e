// Package search is instant text search with the same results on both engines: a
// query matches when each of its words does. Words of one or two letters match
// the beginning of a word, longer ones any fragment. Both sides are folded in Go
// (case, accents, width), so no engine's own rules apply. When nothing matches, a
// word of four letters and more also matches words that differ by one letter
// (changed, missing, extra or two swapped).
//
// An Index yields SQL conditions, so that it composes with filters, sorting and
// keyset paging. SQLite is also told where to begin (Reach): a rare word with its
// matches, a common one at the front of the sorted list. Below lie FTS5 (trigram and prefix) or pg_trgm; this package and
// kernel/db alone know which.
//
// Tables, per index NAME: NAME_search (what is indexed), NAME_typo (words and
// their one-letter deletions), on SQLite also NAME_fragments and NAME_words (FTS5).
// A migration makes them with a line `-- @search NAME`, or `-- @search-text NAME`
// for an index of many long texts, which has no NAME_typo.
package search
