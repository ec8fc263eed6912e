package torture_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"portico/backend/torture"
)

var messageIDLine = regexp.MustCompile(`(?im)^Message-ID:\s*(<[^>]+>)`)

func messageIDs(raw []byte) []string {
	var out []string
	for _, m := range messageIDLine.FindAllSubmatch(raw, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

// TestASecondProcessIsRefused: two writing processes are how stores get damaged.
func TestASecondProcessIsRefused(t *testing.T) {
	first := prepared(t)
	start(t, first)
	for range scaled(5, 100) {
		second := &torture.Program{Path: first.Path, Data: first.Data}
		code, said, err := second.Run("serve", "--listen", "127.0.0.1:0", "--staff", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if code != 3 || !strings.Contains(said, "already running with this data") || strings.Contains(said, "{") {
			t.Fatalf("a second process ended with %d: %s", code, said)
		}
	}
	api := first.StaffAPI()
	if err := api.Must(ctx, http.MethodPost, "/api/staff/contacts", map[string]string{"name": "Still here"}, nil, http.StatusCreated); err != nil {
		t.Errorf("the first one was disturbed: %v", err)
	}
	first.Kill()
	start(t, first) // the lock went with the process
}
