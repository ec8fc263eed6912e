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
		crowd := func() { // people before Zoe, as the search index knows them
			if err := s.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO contacts_search (id, key, body, words)
					WITH RECURSIVE f (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM f WHERE i < 5000) SELECT 'f' || i, 'a', '', '' FROM f`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		orders := map[string]func(a, b Contact) int{
			"name": func(a, b Contact) int {
				return cmp.Or(cmp.Compare(search.Fold(a.Name), search.Fold(b.Name)), cmp.Compare(a.ID, b.ID))
			},
			"created": func(a, b Contact) int { return a.Created.Compare(b.Created) },
			"updated": func(a, b Contact) int { return a.Updated.Compare(b.Updated) },
		}
		for round := range 2 {
			for name, compare := range orders {
				for _, state := range []State{Active, Archived, "all"} {
					for _, desc := range []string{"", "-"} {
						want := slices.DeleteFunc(slices.Clone(all), func(c Contact) bool { return state != "all" && c.State != state })
						if slices.SortFunc(want, compare); desc == "-" {
							slices.Reverse(want)
						}
						var got []Contact
						for cursor := ""; ; {
							page, err := s.List(ctx, staff, Filter{Search: "zoe", State: state, Sort: desc + name}, cursor, 0, 25)
							if err != nil {
								t.Fatal(err)
							}
							if got, cursor = append(got, page.Items...), page.Next; cursor == "" {
								break
							}
						}
						if !reflect.DeepEqual(got, want) {
							t.Errorf("round %d, %s%s of %s: %d of %d, or not the same", round, desc, name, state, len(got), len(want))
						}
						list, err := s.IDs(ctx, staff, Filter{Search: "zoe", State: state, Sort: desc + name}, 1000)
						n, _ := s.Count(ctx, staff, Filter{Search: "zoe", State: state})
						if err != nil || len(list) != len(want) || int(n) != len(want) {
							t.Errorf("%d ids, counted %d, want %d (%v)", len(list), n, len(want), err)
						}
					}
				}
			}
			if round > 0 || s.DB.Engine() != db.SQLite {
				break
			}
			crowd()
		}
	})
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
