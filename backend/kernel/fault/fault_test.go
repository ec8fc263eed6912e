package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestAsAndKindOf(t *testing.T) {
	cause := errors.New("disk on fire")
	gone := New(Gone, "x.gone", "It is over.")
	for _, s := range []struct {
		story string
		err   error
		kind  Kind
		code  string
	}{
		{"none", nil, None, ""},
		{"a fault", gone, Gone, "x.gone"},
		{"with a cause", gone.Because(cause), Gone, "x.gone"},
		{"wrapped", fmt.Errorf("doing it: %w", gone), Gone, "x.gone"},
		{"joined", errors.Join(cause, gone), Gone, "x.gone"},
		{"somebody else's", cause, Internal, "internal"},
	} {
		if KindOf(s.err) != s.kind {
			t.Errorf("%s: kind %d", s.story, KindOf(s.err))
		}
		if f := As(s.err); f != nil && f.Code != s.code || (f == nil) != (s.err == nil) {
			t.Errorf("%s: %v", s.story, f)
		}
	}
	if gone.Cause != nil {
		t.Error("Because changed the fault of the package")
	}
	if !errors.Is(gone.Because(cause), gone) || !errors.Is(gone.Because(cause), cause) || errors.Is(gone, New(Gone, "x.other", "")) || errors.Is(gone, cause) {
		t.Error("faults are compared by code, and their cause can be found")
	}
	if !errors.Is(As(cause), cause) {
		t.Error("the private cause is lost")
	}
}

func TestSentencesAndFields(t *testing.T) {
	f := New(Invalid, "x.long", "At most {limit} of {what} fit {here}.", "limit", 7, "what", "{limit}")
	if got := Fill("{n} of {n}", map[string]any{"n": 2}); got != "2 of 2" {
		t.Errorf("filled: %q", got)
	}
	if got := Fill("At most {limit} fit {here}.", map[string]any{"limit": 7}); got != "At most 7 fit {here}." {
		t.Errorf("sentence: %q", got)
	}
	if f.Error() != "x.long: At most {limit} of {what} fit {here}." {
		t.Errorf("the log is told %q: no values, which may be a person's", f.Error())
	}
	var none, one, two Collector
	one.Add("a", nil)
	one.Add("name", f)
	two.Add("name", f)
	two.Add("email", errors.New("boom"))
	if none.Fault() != nil {
		t.Error("nothing wrong is a fault")
	}
	if got := As(one.Fault()); got.Code != "x.long" || len(got.Fields) != 1 || got.Fields[0].Name != "name" || got.Params["limit"] != 7 {
		t.Errorf("one wrong field keeps its own code: %+v", got)
	}
	if got := As(two.Fault()); got.Code != "invalid.fields" || len(got.Fields) != 2 || got.Kind != Invalid {
		t.Errorf("two wrong fields: %+v", got)
	}
	if got := InvalidField("name", "x.long", "At most {limit}.", "limit", 3); got.Fields[0].Params["limit"] != 3 || got.Kind != Invalid {
		t.Errorf("%+v", got)
	}
}
