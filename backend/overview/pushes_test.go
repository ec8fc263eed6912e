package overview_test

import (
	"reflect"
	"slices"
	"testing"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/events"
	"portico/backend/overview"
)

func TestHappened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, s := range []struct {
			name string
			by   auth.Kind
			want []string
		}{
			{"access.joined", auth.KindClient, []string{"overview", "ct_ana/home"}},
			{"access.suspended", auth.KindStaff, nil},
			{"access.suspended", auth.KindSystem, []string{"overview"}},
			{"contacts.updated", auth.KindStaff, nil},
			{"contacts.updated", auth.KindClient, []string{"overview", "ct_ana/home"}},
			{"access.restored", auth.KindStaff, []string{"ct_ana/home"}},
			{"contacts.note_added", auth.KindStaff, nil},
			{"chat.message_sent", auth.KindStaff, nil},
		} {
			w.pushes = nil
			if w.Happened(events.Event{Name: s.name, Subject: "ct_ana", Actor: s.by}); !reflect.DeepEqual(w.pushes, s.want) {
				t.Errorf("%s by %s: %v", s.name, s.by, w.pushes)
			}
			if len(s.want) > 0 && !slices.Contains(overview.Facts(), s.name) {
				t.Errorf("%s is not among the facts to subscribe to", s.name)
			}
		}
	})
}
