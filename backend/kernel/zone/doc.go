// Package zone says what the DNS says about a name, and what is wrong with it.
// It knows no room, no database and no words: a room asks for a Survey, has it
// judged by Diagnose, and owns the sentences for every Code.
//
// The way of a check: Normal (what a person typed → Name) → Client.Survey (asks,
// judges nothing) → Diagnose (judges, asks nothing) → ReadyAt (when the caches
// of the world have forgotten what stood there before). A survey is values only:
// it may be kept, shown, and judged again against another Target.
//
// The servers that hold the zone are asked themselves, because only they know
// what was entered a minute ago; resolvers are asked to see what visitors see
// until then. The zone is found by descending from the registry's servers, as a
// resolver would do it, so that it is found even when its own servers are dead
// or answer nonsense.
//
// Nothing in here trusts an answer: whoever serves a zone can send anything. A
// reply counts only with the id, the name and the type that were asked; lists
// are cut, names and texts hold printable ASCII only, aliases are followed a
// bounded number of times, and a survey ends after five times Config.Patience
// whatever happens, with what it has seen until then and no goroutine left.
//
// Every server that is asked is a value in Config, and every connection is made
// by Config.Dial: tests stay on loopback and refuse everything else.
//
// Sources: RFC 1034 and 1035 (DNS), 2136 (updates), 2308 (negative caching),
// 8659 and 8657 (CAA), 8484 (DNS over HTTPS), 8945 (TSIG), 9471 (glue).
package zone
