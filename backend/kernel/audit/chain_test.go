package audit

import (
	"testing"
	"time"
)

// Whoever verifies the chain with other tools, and every later release, must come
// to the same bytes: keys in order, no white space, nothing escaped for HTML.
func TestAnEntryIsHashedAsCanonicalJSON(t *testing.T) {
	e := Entry{Seq: 7, ID: "au_1", At: time.UnixMilli(1_700_000_000_123), ActorKind: "client", ActorID: "ct_1", Via: "portal",
		Action: "access.sign_in", Subject: "ct_1", Detail: []byte(`{"first":true,"note":"<b> ä"}`), Commitment: "c0"}
	const text = `{"action":"access.sign_in","actor_id":"ct_1","actor_kind":"client","at":1700000000123,"commitment":"c0",` +
		`"detail":"{\"first\":true,\"note\":\"<b> ä\"}","id":"au_1","seq":7,"subject":"ct_1","via":"portal"}`
	if got, err := e.canonical(); string(got) != text || err != nil {
		t.Errorf("got  %s %v\nwant %s", got, err, text)
	}
	const hash = "c9dab7927b4facf9d9a81af6b6965ed4f3ea9a5b1c5b7ffc922e0790b01bd693"
	if got, err := link("ff", e); got != hash || err != nil {
		t.Errorf("hash %s %v, want %s", got, err, hash)
	}
}
