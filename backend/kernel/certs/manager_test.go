package certs_test

import (
	"testing"

	"portico/backend/kernel/certs"
)

func TestACertificateIsObtained(t *testing.T) {
	r := newRig(t, nil)
	r.start(name)
	if _, trusted := r.served(name, r.pebble.Issued()); trusted {
		t.Error("there cannot be a certificate yet")
	}
	s := r.active(name)
	cert, trusted := r.served(name, r.pebble.Issued())
	if !trusted || !cert.NotAfter.Equal(s.NotAfter) {
		t.Errorf("served %v until %v, status %+v", trusted, cert.NotAfter, s)
	}
	r.created(1, 1)
	t.Log("\n" + r.story(name))
	if len(r.entries(certs.KindIssued)) != 1 {
		t.Error("not told once")
	}
}
