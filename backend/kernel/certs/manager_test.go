package certs_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/certs/pebbletest"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
)

func TestACertificateIsObtained(t *testing.T) {
	for _, s := range []struct {
		story  string
		change func(*pebbletest.Options)
		config func(*certs.Config)
	}{
		{"by HTTP", nil, func(c *certs.Config) { c.TLSPort = 0 }},
		{"by TLS", nil, func(c *certs.Config) { c.HTTPPort = 0 }},
		{"though every other request is said to have a bad nonce", func(o *pebbletest.Options) { o.BadNonces = 50 }, nil},
	} {
		t.Run(s.story, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, s.change)
			if s.config != nil {
				s.config(&r.config)
			}
			r.start(r.name)
			if _, trusted := r.served(r.name, r.pebble.Issued()); trusted {
				t.Error("there cannot be a certificate yet")
			}
			s := r.active(r.name)
			cert, trusted := r.served(r.name, r.pebble.Issued())
			if !trusted || !cert.NotAfter.Equal(s.NotAfter) || s.Left.Orders != 4 || s.Left.Failures != 3 || !s.NextTry.IsZero() {
				t.Errorf("served %v until %v, status %+v", trusted, cert.NotAfter, s)
			}
			r.created(1, 1)
			if n := len(r.entries(certs.KindIssued)); n != 1 {
				t.Errorf("told %d times", n)
			}
			story := r.story(r.name)
			for _, word := range []string{"state obtaining", "served key authentication", "certificate obtained", "state active"} {
				if !strings.Contains(story, word) {
					t.Errorf("the history lacks %q:\n%s", word, story)
				}
			}
			if strings.Contains(story, "owner") || strings.Contains(story, "@") {
				t.Errorf("the history names a person:\n%s", story)
			}
		})
	}
}

func TestNothingButManagedNamesIsOrdered(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.config.Hosts = []string{"192.168.7.7", "office"}
	r.start(r.name)
	r.active(r.name)
	for _, stranger := range []string{r.next, "www." + r.name, "localhost"} {
		if cert, trusted := r.served(stranger, r.pebble.Issued()); trusted || cert.Subject.CommonName != "Portico" {
			t.Errorf("%s is served %s", stranger, cert.Subject)
		}
	}
	// A device in the house that trusts our root sees a good certificate.
	house := x509.NewCertPool()
	house.AddCert(r.root())
	if cert, trusted := r.served("office", house); !trusted || cert.VerifyHostname("192.168.7.7") != nil || cert.VerifyHostname(r.name) == nil {
		t.Errorf("in the house: %v, %v %v", trusted, cert.DNSNames, cert.IPAddresses)
	}
	// Who asks without a name, or for any, is told none of ours.
	for _, who := range []string{"", "stranger.test"} {
		if cert, _ := r.served(who, nil); !slices.Equal(cert.DNSNames, []string{"localhost", "office"}) {
			t.Errorf("%q reads off %v", who, cert.DNSNames)
		}
	}
	// Whoever checks a challenge that nobody began gets no certificate at all.
	for _, who := range []string{r.name, r.next} {
		_, err := tls.Dial("tcp", r.secure.Addr().String(), &tls.Config{ServerName: who, NextProtos: []string{"acme-tls/1"}, InsecureSkipVerify: true})
		if err == nil {
			t.Errorf("%s proves something", who)
		}
	}
	answer, err := http.Get("http://" + r.plain.Addr().String() + "/.well-known/acme-challenge/made-up")
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("what is no challenge is passed on: %v, %v", answer, err)
	}
	r.created(1, 1)
	// The internal root is the same after a restart: it may have been trusted.
	r.stop()
	r.start()
	if _, trusted := r.served("office", house); !trusted {
		t.Error("the root did not survive a restart")
	}
}

func TestTheAuthorityIsDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.pebble.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		panic(http.ErrAbortHandler)
	})
	r.start(r.name)
	s := r.failing(r.name)
	if s.Problem == nil || s.Problem.Code != certs.CodeUnreachable || s.Why != certs.WhyBackoff || s.Left.Orders != 5 {
		t.Errorf("%+v, %+v", s, s.Problem)
	}
	// Ten days of it cost no order, and the pauses grow.
	for range 8 {
		r.clock.Advance(30 * time.Hour)
		r.until(r.name, "tried again", func(s certs.Status) bool { return s.State == certs.StateFailing && s.NextTry.After(r.clock.Now()) })
	}
	if s = r.status(r.name); s.NextTry.Sub(r.clock.Now()) > 31*time.Minute || s.Left.Orders != 5 {
		t.Errorf("it waits longer than half an hour: %+v", s)
	}
	r.pebble.Intercept(nil)
	r.clock.Advance(time.Hour)
	r.active(r.name)
	r.created(1, 1)
}

func TestTheAuthoritySaysWhen(t *testing.T) {
	for _, s := range []struct {
		story   string
		refuse  func(w http.ResponseWriter, now time.Time)
		between time.Duration
	}{
		{"in seconds", func(w http.ResponseWriter, _ time.Time) {
			w.Header().Set("Retry-After", "7200")
			pebbletest.Refuse(w, http.StatusTooManyRequests, "rateLimited", "too many orders recently")
		}, 2 * time.Hour},
		{"as a date", func(w http.ResponseWriter, now time.Time) {
			w.Header().Set("Retry-After", now.Add(3*time.Hour).UTC().Format(http.TimeFormat))
			pebbletest.Refuse(w, http.StatusServiceUnavailable, "serverInternal", "maintenance")
		}, 3 * time.Hour},
		{"in words", func(w http.ResponseWriter, now time.Time) {
			pebbletest.Refuse(w, http.StatusTooManyRequests, "rateLimited", "too many certificates (5) already issued, retry after "+now.Add(26*time.Hour).UTC().Format(time.DateTime)+" UTC: see https://letsencrypt.org/docs/rate-limits/")
		}, 26 * time.Hour},
	} {
		t.Run(s.story, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			var asked atomic.Int32
			r.pebble.Intercept(func(w http.ResponseWriter, q *http.Request) bool {
				if q.URL.Path != pebbletest.NewOrder {
					return false
				}
				asked.Add(1)
				s.refuse(w, r.clock.Now())
				return true
			})
			m := r.start(r.name)
			got := r.failing(r.name)
			wait := got.NextTry.Sub(r.clock.Now())
			if got.Why != certs.WhyAuthority || wait > s.between || wait < s.between-time.Minute || got.Left.Orders != 5 {
				t.Errorf("waits %v: %+v, %+v", wait, got, got.Problem)
			}
			// Nobody can talk it out of waiting: not a person, not a restart.
			before := asked.Load()
			var soon *certs.TooSoon
			if err := m.Retry(ctx, r.name); !errors.As(err, &soon) || soon.Why != certs.WhyAuthority {
				t.Errorf("retry: %v", err)
			}
			r.stop()
			r.start(r.name)
			r.clock.Advance(s.between - 5*time.Minute)
			time.Sleep(200 * time.Millisecond)
			if asked.Load() != before {
				t.Error("it was asked too soon")
			}
			r.pebble.Intercept(nil)
			r.clock.Advance(10 * time.Minute)
			r.active(r.name)
			r.created(1, 1)
		})
	}
}

// The r.name leads to a machine where nobody answers. Both ways are tried, and no
// more than three validations fail in an hour, whatever people press.
func TestFailedValidationsAreFew(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	dead := r.dead
	m := r.start(dead)
	s := r.until(dead, "failing twice", func(s certs.Status) bool { return len(s.Problems) == 2 && s.State == certs.StateFailing })
	if s.Problems[1].Challenge != certs.HTTP01 || s.Problems[0].Challenge != certs.TLSALPN01 || s.Left.Failures != 1 {
		t.Errorf("%+v", s)
	}
	for _, p := range s.Problems {
		if p.Code != certs.CodeConnection && p.Code != certs.CodeUnauthorized || !p.Validation || !p.Ordered || !strings.Contains(p.Detail, "127.0.0.9") {
			t.Errorf("%+v", p)
		}
	}
	r.created(1, 2)
	if err := m.Retry(ctx, dead); err != nil {
		t.Fatal(err)
	}
	s = r.until(dead, "failing three times", func(s certs.Status) bool { return len(s.Problems) == 3 && s.State == certs.StateFailing })
	if s.Left.Failures != 0 || s.NextTry.Sub(r.clock.Now()) < 50*time.Minute {
		t.Errorf("%+v", s)
	}
	var soon *certs.TooSoon
	if err := m.Retry(ctx, dead); !errors.As(err, &soon) || soon.Why != certs.WhyFailures || soon.Until.Sub(r.clock.Now()) < 50*time.Minute {
		t.Errorf("retry: %v", err)
	}
	r.created(1, 3)
	// In a day of it there are at most five orders.
	for range 23 * 4 {
		r.clock.Advance(15 * time.Minute)
		r.until(dead, "at rest", func(s certs.Status) bool { return s.State == certs.StateFailing && s.NextTry.After(r.clock.Now()) })
	}
	if _, orders := r.pebble.Created(); orders > 5 {
		t.Errorf("%d orders in a day", orders)
	}
	if s := r.status(dead); s.Left.Orders > 1 {
		t.Errorf("%+v", s)
	}
	// Once the r.name is right, it works by itself.
	r.dns.Zone(strings.TrimPrefix(dead, "dead.")).Set("dead A 127.0.0.1")
	r.clock.Advance(24 * time.Hour)
	if s := r.active(dead); s.Problem != nil || len(s.Problems) != 0 {
		t.Errorf("%+v", s)
	}
}

// The authority takes the order and then fails itself: each try is an order.
func TestOrdersAreFew(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.pebble.Intercept(func(w http.ResponseWriter, q *http.Request) bool {
		if strings.HasPrefix(q.URL.Path, "/finalize-order/") {
			pebbletest.Refuse(w, http.StatusInternalServerError, "serverInternal", "the signer sleeps")
			return true
		}
		return false
	})
	m := r.start(r.name)
	for i := range 5 {
		s := r.until(r.name, "failing", func(s certs.Status) bool { return len(s.Problems) == i+1 && s.State == certs.StateFailing })
		if s.Problem.Code != certs.CodeAuthorityFault || s.Problem.Validation || !s.Problem.Ordered || s.Left.Orders != 4-i {
			t.Fatalf("try %d: %+v, %+v", i, s, s.Problem)
		}
		if err := m.Retry(ctx, r.name); err != nil && i < 4 {
			t.Fatal(err)
		}
	}
	var soon *certs.TooSoon
	if err := m.Retry(ctx, r.name); !errors.As(err, &soon) || soon.Why != certs.WhyOrders {
		t.Errorf("a sixth order: %v", err)
	}
	r.created(1, 5)
	r.pebble.Intercept(nil)
	r.clock.Advance(24 * time.Hour)
	r.active(r.name)
	r.created(1, 6)
}

// While certificates change, handshakes go on and every one is trusted. The
// computer slept for two months each time.
func TestRenewalsUnderHandshakes(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.start(r.name)
	first := r.active(r.name)
	roots := r.pebble.Issued()
	var done atomic.Bool
	var count atomic.Int32
	var shaking sync.WaitGroup
	for range 4 {
		shaking.Go(func() {
			for !done.Load() {
				if _, trusted := r.served(r.name, roots); !trusted {
					t.Error("a handshake was not trusted")
					return
				}
				count.Add(1)
			}
		})
	}
	for range 3 {
		r.renew(r.name)
	}
	last := r.active(r.name)
	done.Store(true)
	shaking.Wait()
	if len(r.entries(certs.KindResumed)) < 3 || count.Load() < 50 {
		t.Errorf("%d jumps seen, %d handshakes", len(r.entries(certs.KindResumed)), count.Load())
	}
	if cert, _ := r.served(r.name, roots); !cert.NotAfter.Equal(last.NotAfter) || !last.NotAfter.After(first.NotAfter) {
		t.Errorf("the newest is not served: %v, %+v", cert.NotAfter, last)
	}
	t.Logf("%d handshakes during 3 renewals", count.Load())
}

// The authority asks for a renewal long before the end (ARI).
func TestTheAuthorityWantsARenewal(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.start(r.name)
	r.active(r.name)
	asked := r.until(r.name, "told when to renew", func(s certs.Status) bool { return s.NextRenewal.Before(s.NotBefore.Add(60 * 24 * time.Hour)) })
	cert, _ := r.served(r.name, r.pebble.Issued())
	r.pebble.Renew(cert, time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour))
	r.clock.Advance(7 * time.Hour)
	r.until(r.name, "renewed", func(s certs.Status) bool {
		return len(r.entries(certs.KindIssued)) == 2 && s.State == certs.StateActive
	})
	r.created(1, 2)
	if asked.NextRenewal.Before(asked.NotBefore.Add(24 * time.Hour)) {
		t.Errorf("the first wish: %+v", asked)
	}
}

// An authority that was set up anew knows nobody; the account is opened again.
func TestTheAuthorityForgets(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.start(r.name)
	before := r.active(r.name)
	r.pebble.Stop()
	r.pebble.Run()
	r.clock.Advance(61 * 24 * time.Hour)
	r.until(r.name, "renewed", func(certs.Status) bool { return len(r.entries(certs.KindIssued)) == 2 })
	r.clock.Advance(-61 * 24 * time.Hour)
	r.active(r.name)
	if _, trusted := r.served(r.name, r.pebble.Issued()); !trusted || r.status(r.name).NotAfter.Equal(before.NotAfter) {
		t.Error("the new certificate is not served")
	}
	r.created(2, 2)
}

func TestANewName(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := r.start(r.name)
	r.active(r.name)
	next := r.next
	if err := m.Manage(ctx, next, certs.Options{}); err != nil {
		t.Fatal(err)
	}
	r.active(next)
	roots := r.pebble.Issued()
	for _, n := range []string{r.name, next} {
		if _, trusted := r.served(n, roots); !trusted {
			t.Errorf("%s is not served", n)
		}
	}
	m.Release(r.name)
	if _, trusted := r.served(r.name, roots); trusted {
		t.Error("a released r.name is still served")
	}
	if s := r.status(r.name); s.Managed || s.State != certs.StateActive {
		t.Errorf("what is known of it: %+v", s)
	}
	if err := m.Manage(ctx, r.name, certs.Options{}); err != nil {
		t.Fatal(err)
	}
	if _, trusted := r.served(r.name, roots); !trusted {
		t.Error("coming back costs an order")
	}
	r.created(1, 2)
}

// The authority is gone for months. People are told at each threshold once, also
// across restarts, and the old certificate is served to the end and beyond.
func TestTheEndIsNeverSilent(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.start(r.name)
	s := r.active(r.name)
	r.pebble.Stop()
	r.stop()
	r.start(r.name)
	if _, trusted := r.served(r.name, nil); trusted {
		t.Error("who trusts nobody trusts it")
	}
	if cert, _ := r.served(r.name, nil); !cert.NotAfter.Equal(s.NotAfter) {
		t.Error("the stored certificate is not served at once")
	}
	for _, step := range []struct{ left, days int }{{20, -1}, {13, 13}, {12, 13}, {7, 7}, {2, 2}, {1, 2}, {-1, 0}, {-9, 0}} {
		at := s.NotAfter.Add(-time.Duration(step.left)*24*time.Hour + time.Second)
		r.clock.Advance(at.Sub(r.clock.Now()))
		r.until(r.name, "tried", func(s certs.Status) bool { return s.NextTry.After(r.clock.Now()) && s.Problem != nil })
		alarms := r.entries(certs.KindAlarm)
		if step.days < 0 {
			if len(alarms) != 0 {
				t.Errorf("%d days before: %+v", step.left, alarms)
			}
			continue
		}
		if len(alarms) == 0 || alarms[len(alarms)-1].Days != step.days || alarms[len(alarms)-1].Problem == nil {
			t.Errorf("%d days before: %+v", step.left, alarms)
		}
		r.stop()
		r.start(r.name)
	}
	if n := len(r.entries(certs.KindAlarm)); n != 4 {
		t.Errorf("%d alarms", n)
	}
	if s := r.status(r.name); s.State != certs.StateExpired || !s.Expired(r.clock.Now()) || s.NextTry.IsZero() {
		t.Errorf("%+v", s)
	}
	if cert, _ := r.served(r.name, nil); cert.Subject.CommonName == "Portico" {
		t.Error("it is served no more")
	}
}

func TestRehearsal(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	staging := pebbletest.Start(t, pebbletest.Options{DNS: r.dns.Resolver(), HTTPPort: port(r.plain), TLSPort: port(r.secure)})
	r.config.Staging = staging.Directory
	r.config.Roots = pool(t, append(r.pebble.RootPEM(), staging.RootPEM()...))
	m, dead := r.start(), r.dead
	for _, n := range []string{r.name, dead, r.next} {
		if err := m.Manage(ctx, n, certs.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	r.active(r.name)
	r.active(r.next)
	r.failing(dead)
	r.clock.Advance(2 * time.Hour)
	r.until(dead, "rehearsed again", func(s certs.Status) bool { return len(s.Problems) == 4 })
	for _, p := range r.status(dead).Problems {
		if !p.Staging {
			t.Errorf("ordered without a rehearsal: %+v", p)
		}
	}
	r.created(1, 2)
	// Two names once, the dead one twice by each try.
	if accounts, orders := staging.Created(); accounts != 1 || orders != 6 {
		t.Errorf("%d accounts and %d orders at the staging area", accounts, orders)
	}
	if len(r.entries(certs.KindRehearsed)) != 2 {
		t.Errorf("%+v", r.entries(certs.KindRehearsed))
	}
}

func TestDamagedCertificates(t *testing.T) {
	for _, s := range []struct{ story, sql string }{
		{"another app key", `UPDATE certs_value SET value = (SELECT value FROM certs_value WHERE key LIKE '%.json' LIMIT 1) WHERE key LIKE 'certificates/%.key'`},
		{"a part is missing", `DELETE FROM certs_value WHERE key LIKE 'certificates/%.json'`},
	} {
		t.Run(s.story, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.start(r.name)
			r.active(r.name)
			r.stop()
			if err := r.db.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, s.sql)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			r.start(r.name)
			r.until(r.name, "ordered anew", func(s certs.Status) bool {
				return len(r.entries(certs.KindIssued)) == 2 && s.State == certs.StateActive
			})
			if _, trusted := r.served(r.name, r.pebble.Issued()); !trusted {
				t.Error("not served")
			}
			r.created(1, 2)
		})
	}
}

// The listeners open a moment after the start, or when the ports are free at last.
func TestListenersOpenLater(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.config.HTTPPort, r.config.TLSPort = 0, 0
	m := r.start(r.name)
	if s := r.failing(r.name); s.Problem.Code != certs.CodeNoChallenge || !s.NextTry.IsZero() {
		t.Errorf("%+v, %+v", s, s.Problem)
	}
	m.Listening(port(r.plain), port(r.secure))
	r.active(r.name)
	r.created(1, 1)
	if n := len(r.entries(certs.KindProblem)); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// Nodes share one store: one orders, all serve and all answer challenges.
func TestTwoNodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		r := newRigOn(t, c, nil)
		r.config.Alone = false
		one := r.start(r.name)
		end := r.end
		two := r.start(r.name)
		defer end()
		for _, m := range []*certs.Manager{one, two} {
			r.manager = m
			r.serving.Store(m)
			r.active(r.name)
			for range 500 {
				if _, trusted := r.served(r.name, r.pebble.Issued()); trusted {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			if _, trusted := r.served(r.name, r.pebble.Issued()); !trusted {
				t.Error("a node does not serve it")
			}
		}
		r.renew(r.name)
		r.active(r.name)
		r.created(1, 2)
	})
}
