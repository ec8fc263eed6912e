package certs_test

import (
	"testing"
	"time"

	"portico/backend/kernel/certs"
	"portico/backend/kernel/zone/zonetest"
)

// The owner thinks better of publishing a record by hand: what waits for it ends,
// and the other way begins at once. It is nobody's failure.
func TestTheWayChangesWhileARecordIsAwaited(t *testing.T) {
	for _, s := range []struct {
		story string
		to    func(*rig) certs.Options
	}{
		{"to the ports", func(*rig) certs.Options { return certs.Options{} }},
		{"to dynamic update", func(r *rig) certs.Options {
			r.zone().AllowUpdates(true)
			return certs.Options{DNS: &certs.DNS{Publisher: r.updater(zonetest.KeySecret), Seen: r.seen}}
		}},
	} {
		t.Run(s.story, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			m := r.startWith(certs.Options{DNS: &certs.DNS{Seen: r.seen, Poll: 20 * time.Millisecond}}, r.name)
			r.until(r.name, "waiting for the record", func(s certs.Status) bool { return s.State == certs.StateWaitingDNS })
			if err := m.Manage(ctx, r.name, s.to(r)); err != nil {
				t.Fatal(err)
			}
			if s := r.active(r.name); len(s.Records) != 0 || s.Left.Failures != 3 {
				t.Errorf("%+v", s)
			}
			if told := append(r.entries(certs.KindProblem), r.entries(certs.KindInterrupted)...); len(told) != 0 {
				t.Errorf("told as a failure: %+v", told)
			}
			r.created(1, 2)
		})
	}
}

// A name that is let go of waits for nothing, and is free for whoever comes next.
func TestAReleasedNameWaitsForNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	by := certs.Options{DNS: &certs.DNS{Seen: r.seen, Poll: 20 * time.Millisecond}}
	m := r.startWith(by, r.name)
	r.until(r.name, "waiting for the record", func(s certs.Status) bool { return s.State == certs.StateWaitingDNS })
	m.Release(r.name)
	s := r.until(r.name, "at rest", func(s certs.Status) bool { return s.State == certs.StateNone })
	if len(s.Records) != 0 || !s.NextTry.IsZero() || s.Managed {
		t.Errorf("%+v", s)
	}
}
