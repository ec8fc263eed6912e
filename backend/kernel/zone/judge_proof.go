package zone

import (
	"slices"
	"strings"
)

const dns01 = "dns-01"

// methods are the ways of proof that an authority may ask for, when the target
// does not say which.
var methods = []string{"http-01", "tls-alpn-01", dns01}

// knownTags are the CAA properties that authorities know, so that marking them
// critical does no harm.
var knownTags = []string{"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"}

// caa judges whether our authority may issue (RFC 8659, 8657).
func (j *judge) caa() {
	if j.CAA.Failed != "" && j.Chain.End == "" {
		j.say(CAAFails, Error, "at", j.CAA.Failed)
	}
	for _, r := range j.CAA.Records {
		if r.Critical && !slices.Contains(knownTags, r.Tag) {
			j.say(CAACritical, Error, "at", j.CAA.At, "tag", r.Tag)
			return
		}
	}
	var all, ours []permission
	for _, r := range j.CAA.Records {
		if r.Tag == "issue" {
			p := permit(r.Value)
			all = append(all, p)
			if slices.ContainsFunc(j.target.CAIssuers, func(name string) bool { return strings.EqualFold(name, p.issuer) }) {
				ours = append(ours, p)
			}
		}
	}
	if len(all) == 0 || len(j.target.CAIssuers) == 0 {
		return
	}
	if len(ours) == 0 {
		var allowed []string
		for _, p := range all {
			if p.issuer != "" {
				allowed = append(allowed, p.issuer)
			}
		}
		j.say(CAAForbids, Error, "at", j.CAA.At, "allowed", list(allowed), "want", list(j.target.CAIssuers))
		return
	}
	j.conditions(ours)
}

// conditions judges what the records that allow our authority ask for besides.
func (j *judge) conditions(ours []permission) {
	ways := j.target.Challenges
	if len(ways) == 0 {
		ways = methods
	}
	var fit []permission
	for _, p := range ours {
		if p.account == "" || p.account == j.target.Account {
			fit = append(fit, p)
		}
	}
	if len(fit) == 0 {
		j.say(CAAAccount, Error, "at", j.CAA.At, "account", ours[0].account)
		return
	}
	if slices.ContainsFunc(fit, func(p permission) bool {
		return p.methods == nil || slices.ContainsFunc(ways, func(way string) bool { return slices.Contains(p.methods, way) })
	}) {
		return
	}
	j.say(CAAMethod, Error, "at", j.CAA.At, "methods", list(fit[0].methods))
}

// permission is the value of an issue property.
type permission struct {
	issuer  string
	account string
	methods []string // nil: all
}

func permit(value string) permission {
	parts := strings.Split(value, ";")
	p := permission{issuer: strings.ToLower(strings.TrimSpace(parts[0]))}
	for _, part := range parts[1:] {
		tag, value, _ := strings.Cut(part, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(tag)) {
		case "accounturi":
			p.account = value
		case "validationmethods":
			p.methods = []string{}
			for method := range strings.SplitSeq(value, ",") {
				p.methods = append(p.methods, strings.ToLower(strings.TrimSpace(method)))
			}
		}
	}
	return p
}

// challenge judges what stands where authorities look for DNS-01.
func (j *judge) challenge() {
	used := len(j.target.TXT) > 0 || slices.Contains(j.target.Challenges, dns01)
	host := Name(challengeLabel + string(j.Name)).Within(j.zone())
	if j.Challenge.CNAME != "" && used {
		j.say(ChallengeDelegated, Note, "host", host, "cname", j.Challenge.CNAME)
	}
	missing, without := j.missing()
	if len(j.Challenge.Doubled) > 0 && used {
		severity := Note
		if slices.ContainsFunc(missing, func(value string) bool { return slices.Contains(j.Challenge.Doubled, value) }) {
			severity = Error
		}
		j.say(ChallengeDoubled, severity, "zone", j.zone(), "host", host)
	}
	if len(missing) > 0 {
		j.say(ChallengeMissing, Wait, "host", host, "values", list(missing), "servers", list(without))
	}
	left := 0
	for _, value := range j.Challenge.TXT {
		if !slices.Contains(j.target.TXT, value) {
			left++
		}
	}
	if left > 0 {
		j.say(ChallengeLeftover, Note, "host", host, "count", left)
	}
}

// missing are the values that are not on every server yet, and the servers that
// lack any.
func (j *judge) missing() (values, servers []string) {
	for _, value := range j.target.TXT {
		lacking := false
		for _, v := range j.Challenge.Servers {
			if v.Failure == "" && !slices.Contains(v.TXT, value) {
				lacking = true
				if !slices.Contains(servers, v.Server.Name) {
					servers = append(servers, v.Server.Name)
				}
			}
		}
		if lacking || !slices.Contains(j.Challenge.TXT, value) {
			values = append(values, value)
		}
	}
	return values, servers
}
