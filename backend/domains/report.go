package domains

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/backend/kernel/auth"
)

// Report writes everything that is known about how the portal is reached as text,
// for whoever helps the owner: the newest check with its codes, the line, the router
// and the certificate. It holds no secret and asks nobody. Fault: domains.no_name.
func (s *Service) Report(actor auth.Actor, v View) (string, error) {
	if v.Plan.Name == "" {
		return "", errNoName
	}
	r := report{teller: s.teller(actor)}
	r.line("Portico %s · %s · %s/%s", s.Version, v.Now.UTC().Format(time.RFC3339), runtime.GOOS, runtime.GOARCH)
	b := r.body(v)
	r.line("%s", join(b.What, b.Do))
	r.line("%s → %s", v.Default, b.URL)
	r.asked(v, b)
	r.network(b.Outside)
	if b.Check != nil {
		r.check(*b.Check)
	}
	if b.Update != nil {
		r.update(*b.Update)
	}
	if b.Certificate != nil {
		r.certificate(*b.Certificate)
	}
	return r.text.String(), nil
}

// report is a text that grows.
type report struct {
	teller
	text strings.Builder
}

func (r *report) line(format string, values ...any) { fmt.Fprintf(&r.text, format+"\n", values...) }

func (r *report) head(key string) { r.line("\n== %s ==", r.say("domains.report."+key, nil)) }

// join puts words behind each other and leaves out what is empty.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}

// stamp is "" for never.
func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (r *report) asked(v View, b domainBody) {
	r.head("name")
	r.line("%s (%s), %s", v.Plan.Name, v.Plan.Record, v.Plan.Chosen.UTC().Format(time.RFC3339))
	for _, one := range b.Records {
		r.line("%-5s %s  %s", one.Type, one.Full, one.Value)
	}
	for _, former := range b.Former {
		r.line("← %s", former.Name)
	}
	r.line("%s · %s · dynamic %s · mapping %t · outside %t · hsts %t", b.Options.Authority, b.Options.Method, b.Options.Dynamic, b.Options.Mapping, b.Options.Outside, b.Options.HSTS)
}

func (r *report) network(o outsideBody) {
	r.head("line")
	r.line("IPv4 %s · IPv6 %s · http %d · https %d", cmp.Or(o.IPv4, "–"), cmp.Or(o.IPv6, "–"), o.HTTPPort, o.TLSPort)
	if o.Router != "" {
		r.line("%s", o.Router)
	}
	for _, m := range o.Mappings {
		r.line("%s", join(strconv.Itoa(m.External), "→", m.IPv6, strconv.Itoa(m.Internal), m.Method, stamp(m.Until)))
	}
}

func (r *report) check(c checkBody) {
	r.head("findings")
	r.line("%s · %s", c.At.UTC().Format(time.RFC3339), c.Provider.Name)
	for _, f := range c.Findings {
		r.line("%-8s%s [%s] %s", f.Severity, f.Code, f.Subject, join(f.What, f.Do))
		for _, remedy := range f.Remedies {
			r.line("        - %s", remedy.What)
			for _, command := range remedy.Commands {
				r.line("          %s", command)
			}
		}
	}
	r.head("lookups")
	for _, l := range c.Lookups {
		r.line("%-14s%s (%s) %s %s TTL %d, serial %d", l.Side, l.Server, l.Address, l.Rcode, strings.Join(l.Answers, ", "), l.TTL, l.Serial)
	}
}

func (r *report) update(u updateBody) {
	r.head("update")
	r.line("%s · %s · %s", u.State, u.Started.UTC().Format(time.RFC3339), stamp(u.Ended))
	for _, step := range u.Steps {
		r.line("%-8s%s", step.State, join(step.Label+".", step.What, step.Detail, stamp(step.NextTry)))
	}
}

func (r *report) certificate(c certificateBody) {
	r.head("certificate")
	r.line("%s · %s – %s · %d/%d", c.State, stamp(c.NotBefore), stamp(c.NotAfter), c.LeftHour, c.LeftDay)
	r.line("%s", join(c.What, c.Detail))
	for _, e := range c.History[:min(len(c.History), mostHistory)] {
		r.line("%s %s", e.At.UTC().Format(time.RFC3339), join(e.What, e.Detail))
	}
}

// mostHistory is how much of what happened helps to understand what is.
const mostHistory = 30
