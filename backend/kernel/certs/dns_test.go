package certs_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/zone"
	"portico/backend/kernel/zone/zonetest"
)

// seen asks the resolver of the rig for a record.
func (r *rig) seen(ctx context.Context, want certs.Record) (bool, error) {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(want.Name), dns.TypeTXT)
	answer, _, err := new(dns.Client).ExchangeContext(ctx, q, r.dns.Resolver().String())
	if err != nil {
		return false, err
	}
	for _, rr := range answer.Answer {
		if txt, ok := rr.(*dns.TXT); ok && slices.Contains(txt.Txt, want.Value) {
			return true, nil
		}
	}
	return false, nil
}

// updater publishes by dynamic update.
type updater struct{ *zone.Signed }

func (r *rig) updater(secret string) updater {
	r.t.Helper()
	client := zone.New(zone.Config{System: []netip.AddrPort{r.dns.Resolver()}, Public: []zone.Server{}, HTTPS: []string{}, Dial: r.dns.Dial})
	u, err := client.Signed(zone.Dynamic{Server: r.dns.Resolver().String(), Zone: strings.TrimPrefix(r.name, "portal."), Key: zonetest.KeyName, Secret: secret})
	if err != nil {
		r.t.Fatal(err)
	}
	return updater{u}
}

func (u updater) Publish(ctx context.Context, r certs.Record) error {
	return u.AddTXT(ctx, r.Name, r.Value)
}
func (u updater) Withdraw(ctx context.Context, r certs.Record) error {
	return u.RemoveTXT(ctx, r.Name, r.Value)
}

func (r *rig) zone() *zonetest.Zone { return r.dns.Zone(strings.TrimPrefix(r.name, "portal.")) }

// A person publishes the record, in the place to which the zone delegates it, and
// makes a mistake first. No port of ours is needed.
func TestProvenByHand(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.config.HTTPPort, r.config.TLSPort = 0, 0
	r.dns.Zone("helper.test")
	r.zone().Set("_acme-challenge.portal CNAME portal.helper.test.")
	r.startWith(certs.Options{DNS: &certs.DNS{Target: "portal.helper.test", Seen: r.seen, Poll: 20 * time.Millisecond}}, r.name)
	s := r.until(r.name, "waiting for the record", func(s certs.Status) bool { return s.State == certs.StateWaitingDNS })
	if len(s.Records) != 1 || s.Records[0].Name != "portal.helper.test" || len(s.Records[0].Value) != 43 {
		t.Fatalf("%+v", s.Records)
	}
	r.dns.Zone("helper.test").Set(`portal 1 TXT "something else"`)
	time.Sleep(200 * time.Millisecond)
	if s := r.status(r.name); s.State != certs.StateWaitingDNS {
		t.Errorf("it did not wait: %+v", s)
	}
	r.dns.Zone("helper.test").Set(`portal 1 TXT "` + s.Records[0].Value + `"`)
	if s := r.active(r.name); len(s.Records) != 0 {
		t.Errorf("%+v", s)
	}
	if _, trusted := r.served(r.name, r.pebble.Issued()); !trusted {
		t.Error("not served")
	}
	r.created(1, 1)
}

func TestProvenByUpdate(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.config.HTTPPort, r.config.TLSPort = 0, 0
	r.zone().AllowUpdates(true)
	m := r.startWith(certs.Options{DNS: &certs.DNS{Publisher: r.updater(zonetest.KeySecret), Seen: r.seen}}, r.name)
	r.active(r.name)
	if left := r.zone().Texts("_acme-challenge.portal", "TXT"); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
	// A wrong key is told as what it is, and costs no failed validation.
	if err := m.Manage(ctx, r.next, certs.Options{DNS: &certs.DNS{Publisher: r.updater("d3Jvbmc=")}}); err != nil {
		t.Fatal(err)
	}
	if s := r.failing(r.next); s.Problem.Code != certs.CodeRecord || s.Problem.Validation || s.Left.Failures != 3 {
		t.Errorf("%+v", s.Problem)
	}
	r.created(1, 2)
}
