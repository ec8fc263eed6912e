package domains

import (
	"slices"
	"time"

	"portico/backend/kernel/zone"
)

// lookups are the views of a survey for the screen, with what each should say.
func lookups(s zone.Survey, t zone.Target, at time.Time) (list []Lookup) {
	for side, views := range map[string][]zone.View{SideAuthoritative: s.Servers, SidePublic: slices.Concat(s.Public, s.HTTPS), SideSystem: s.System} {
		for _, v := range views {
			l := Lookup{Side: side, Server: v.Server.Name, Address: v.Server.Addr.String(), Answers: answers(v), TTL: int64(v.TTL / time.Second),
				Serial: v.Serial, Rcode: v.Rcode, Silent: v.Failure != "", Right: rightly(v, t, s)}
			if v.TTL > 0 {
				l.Until = at.Add(v.TTL)
			}
			list = append(list, l)
		}
	}
	sides := []string{SideAuthoritative, SidePublic, SideSystem}
	slices.SortStableFunc(list, func(a, b Lookup) int { return slices.Index(sides, a.Side) - slices.Index(sides, b.Side) })
	return list
}

func answers(v zone.View) []string {
	out := []string{}
	if v.CNAME != "" {
		out = append(out, v.CNAME)
	}
	for _, a := range slices.Concat(v.A, v.AAAA) {
		out = append(out, a.String())
	}
	return out
}

// rightly reports a view that leads here, and nowhere else.
func rightly(v zone.View, t zone.Target, s zone.Survey) bool {
	if t.CNAME != "" && v.CNAME == t.CNAME {
		return true
	}
	if t.CNAME != "" && len(s.Chain.A) > 0 {
		return slices.Equal(v.A, s.Chain.A)
	}
	if len(v.A) == 0 && len(v.AAAA) == 0 {
		return false
	}
	for _, a := range v.A {
		if !slices.Contains(t.IPv4, a) {
			return false
		}
	}
	for _, a := range v.AAAA {
		if !slices.Contains(t.IPv6, a) {
			return false
		}
	}
	return true
}
