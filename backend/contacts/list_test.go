package contacts

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/search"
)

// A search that matches more than is looked at beforehand is read by walking, and
// where that leads nowhere by sorting; in every order it shows the same people.
func TestASearchOfManyShowsEverybodyOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		ctx, staff := context.Background(), auth.Staff("Olga", "window")
		s, _ := alone(t, c)
		if s.DB.Engine() == db.SQLite { // so many before Zoe that a walk from the front gives up
			if err := s.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO contacts_search (id, key, body, words)
					WITH RECURSIVE f (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM f WHERE i < 6000) SELECT 'f' || i, 'a', '', '' FROM f`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		var all []Contact
		for i := range 90 {
			made, err := s.Create(ctx, staff, Contact{Name: fmt.Sprintf("Zoe %c", 'A'+i%7), Tags: []string{"c", "Ä", "b"}[:i%4]})
			if err != nil {
				t.Fatal(err)
			}
			if i%3 == 0 {
				if err := s.Archive(ctx, staff, made.ID); err != nil {
					t.Fatal(err)
				}
			}
			if made, err = s.Get(ctx, staff, made.ID); err != nil {
				t.Fatal(err)
			}
			all = append(all, made)
			clk.Advance(time.Second)
		}
		orders := map[string]func(a, b Contact) int{
			"name": func(a, b Contact) int {
				return cmp.Or(cmp.Compare(search.Fold(a.Name), search.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
			},
			"created": func(a, b Contact) int { return a.Created.Compare(b.Created) },
			"updated": func(a, b Contact) int { return a.Updated.Compare(b.Updated) },
		}
		for name, compare := range orders {
			for _, state := range []State{Active, Archived, "all"} {
				for _, desc := range []string{"", "-"} {
					want := slices.DeleteFunc(slices.Clone(all), func(c Contact) bool { return state != "all" && c.State != state })
					if slices.SortFunc(want, compare); desc == "-" {
						slices.Reverse(want)
					}
					f := Filter{Search: "zoe", State: state, Sort: desc + name}
					if got := pages(t, s, f); !reflect.DeepEqual(got, want) {
						t.Errorf("%+v: %d of %d, or not the same", f, len(got), len(want))
					}
					list, err := s.IDs(ctx, staff, f, 1000)
					n, _ := s.Count(ctx, staff, f)
					if err != nil || len(list) != len(want) || int(n) != len(want) {
						t.Errorf("%+v: %d ids, counted %d, want %d (%v)", f, len(list), n, len(want), err)
					}
				}
			}
		}
	})
}

// pages reads a whole list by pages of 25.
func pages(t *testing.T, s *Service, f Filter) (all []Contact) {
	t.Helper()
	for cursor := ""; ; {
		page, err := s.List(context.Background(), auth.Staff("Olga", "window"), f, cursor, 0, 25)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

func TestStoredValuesAreReadAsJSONDoes(t *testing.T) {
	for _, stored := range []string{``, `null`, `[]`, `["ana@example.com"]`, `["a","b","ü"]`, `["a\"b","c"]`, `["\u003ca\u003e"]`, `[ "a" ]`, `["a" ,"b"]`, `["a",]`, `["a"`, `["a"]]`, `[1]`, `{}`, `["a"x"b"]`, `[,]`, `[""]`} {
		want, wantErr := decodeTexts(stored)
		if got, err := readTexts(stored); !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) {
			t.Errorf("%s is read as %q (%v), want %q (%v)", stored, got, err, want, wantErr)
		}
	}
	whole, _ := json.Marshal(Address{"Hauptstr. 1", "Köln", "NRW", "50667", "DE"})
	for _, stored := range []string{string(whole), ``, `null`, `{}`, `{"city":"Jena"}`, `{"city":"a\\b"}`, `{"city":"Jena","planet":"Earth"}`, `{"city": "Jena"}`, `{"city":1}`, `{"city":"Jena",}`, `{"city"}`, `{"city":"a" "b"}`, `[]`} {
		want, wantErr := decodeAddress(stored)
		if got, err := readAddress(stored); got != want || (err == nil) != (wantErr == nil) {
			t.Errorf("%s is read as %+v (%v), want %+v (%v)", stored, got, err, want, wantErr)
		}
	}
}

func TestAContactComesBackWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		ctx := context.Background()
		s, _ := alone(t, c)
		want := Contact{"c", Archived, "Ana | \"Petrović\"", []string{"ana@example.com", "a@example.org"}, []string{"+49301234567"}, "Müller & Söhne", Address{"Hauptstr. 1", "Köln", "NRW", "50667", "DE"},
			"de", "Europe/Berlin", "--05-23", nil, "blob", "dark", clk.Now().UTC().Truncate(time.Second), clk.Now().UTC().Truncate(time.Second).Add(time.Hour)}
		if err := s.DB.Write(ctx, func(tx *db.Tx) error { return insertContact(ctx, tx, want) }); err != nil {
			t.Fatal(err)
		}
		if got, err := contactByID(ctx, s.DB.Read(), "c"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v (%v), want %+v", got, err, want)
		}
		if _, err := readContact("c" + apart + "active"); err == nil {
			t.Error("half a contact is taken for one")
		}
	})
}
