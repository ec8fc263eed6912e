package certs_test

import (
	"slices"
	"testing"

	"portico/backend/kernel/certs/pebbletest"
)

func TestWhatAnAuthorityTellsOfItself(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *pebbletest.Options) { o.Issuers = []string{"ca.office.test", "pki.office.test"} })
	m := r.start()
	r.pebble.Stop()
	if got, err := m.About(ctx); err == nil || got.Terms != "" || got.Directory != r.pebble.Directory {
		t.Errorf("of an authority that is down: %+v %v", got, err)
	}
	r.pebble.Run()
	got, err := m.About(ctx)
	if err != nil || got.Terms != "data:text/plain,Do%20what%20thou%20wilt" || !slices.Equal(got.Issuers, []string{"ca.office.test", "pki.office.test"}) {
		t.Errorf("%+v %v", got, err)
	}
	r.created(0, 0)
}
