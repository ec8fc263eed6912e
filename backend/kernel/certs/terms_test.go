package certs_test

import "testing"

func TestTermsOfService(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m := r.start()
	r.pebble.Stop()
	if got := m.Terms(ctx); got != "" {
		t.Errorf("of an authority that is down: %q", got)
	}
	r.pebble.Run()
	if got := m.Terms(ctx); got != "data:text/plain,Do%20what%20thou%20wilt" {
		t.Errorf("%q", got)
	}
	r.created(0, 0)
}
