package settings_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
)

type brand struct {
	Name   string            `json:"name"`
	Size   int64             `json:"size"`
	Colors map[string]string `json:"colors"`
	Links  []link            `json:"links"`
	Nested link              `json:"nested"`
	On     *bool             `json:"on"`
}

type link struct {
	URL   string `json:"url"`
	Title string `json:"title"`
}

func key() settings.Key[brand] {
	return settings.Key[brand]{
		Name: "branding.brand",
		Default: brand{
			Name: "Shop", Size: 9007199254740993, Colors: map[string]string{"main": "red"},
			Links: []link{{"a", "A"}, {"b", "B"}}, Nested: link{"n", "N"},
		},
		Check: func(b brand) error {
			if b.Name == "" {
				return fault.InvalidField("name", "test.name", "A name is needed.")
			}
			return nil
		},
	}
}

// each runs a story on every engine with the table in place.
func each(t *testing.T, story func(t *testing.T, d *db.DB, clk *clock.Fake)) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		story(t, dbtest.Open(t, c, db.Source{Room: "settings", Files: settings.Migrations}), clk)
	})
}

func set[T any](d *db.DB, k settings.Key[T], v T) error {
	return d.Write(context.Background(), func(tx *db.Tx) error { return settings.Set(context.Background(), tx, k, v) })
}

func get[T any](t *testing.T, d *db.DB, k settings.Key[T]) T {
	t.Helper()
	v, err := settings.Get(context.Background(), d.Read(), k)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSetting(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, clk *clock.Fake) {
		k, ctx := key(), context.Background()
		if got := get(t, d, k); !reflect.DeepEqual(got, k.Default) {
			t.Errorf("untouched: %+v", got)
		}
		on := true
		want := brand{Name: "Laden", Colors: map[string]string{"main": "blue", "ink": "black"}, Links: []link{}, On: &on}
		if err := set(d, k, want); err != nil {
			t.Fatal(err)
		}
		if got := get(t, d, k); !reflect.DeepEqual(got, want) {
			t.Errorf("changed: %+v", got)
		}
		clk.Advance(time.Minute)
		want.Name = "Geschäft"
		if err := set(d, k, want); err != nil {
			t.Fatal(err)
		}
		if got := get(t, d, k); got.Name != "Geschäft" {
			t.Errorf("changed again: %+v", got)
		}
		var updated time.Time
		if err := d.Read().QueryRow(ctx, `SELECT updated FROM settings WHERE name = $1`, k.Name).Scan(db.Time(&updated)); err != nil || !updated.Equal(clk.Now()) {
			t.Errorf("updated %v, %v", updated, err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return settings.Reset(ctx, tx, k) }); err != nil {
			t.Fatal(err)
		}
		if got := get(t, d, k); !reflect.DeepEqual(got, k.Default) {
			t.Errorf("reset: %+v", got)
		}
	})
}

func TestOldAndNewFields(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		k := key()
		for _, s := range []struct {
			story, stored string
			change        func(*brand)
		}{
			{"a field that is gone", `{"name":"X","gone":{"deep":1}}`, func(b *brand) { b.Name = "X" }},
			{"an empty object", `{}`, func(*brand) {}},
			{"one field of an object", `{"nested":{"url":"m"}}`, func(b *brand) { b.Nested.URL = "m" }},
			{"one entry of a map", `{"colors":{"ink":"black"}}`, func(b *brand) { b.Colors["ink"] = "black" }},
			{"a shorter list, whose elements lack a field", `{"links":[{"url":"z"}]}`, func(b *brand) { b.Links = []link{{URL: "z"}} }},
			{"an empty list", `{"links":null}`, func(b *brand) { b.Links = nil }},
			{"zero values", `{"name":"","size":0}`, func(b *brand) { b.Name, b.Size = "", 0 }},
			{"a large number", `{"size":9007199254740995}`, func(b *brand) { b.Size = 9007199254740995 }},
		} {
			store(t, d, k.Name, s.stored)
			want := key().Default
			s.change(&want)
			if got := get(t, d, k); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, want %+v", s.story, got, want)
			}
		}
		if !reflect.DeepEqual(k.Default, key().Default) {
			t.Errorf("the default changed: %+v", k.Default)
		}
		got := get(t, d, k)
		got.Colors["main"], got.Nested.URL = "none", "none"
		if !reflect.DeepEqual(k.Default, key().Default) {
			t.Errorf("a reader changed the default: %+v", k.Default)
		}
	})
}

func TestPlainValues(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		on := settings.Key[bool]{Name: "a.on", Default: true}
		words := settings.Key[[]string]{Name: "a.words", Default: []string{"x"}}
		if !get(t, d, on) || len(get(t, d, words)) != 1 {
			t.Error("the defaults are lost")
		}
		if err := errors.Join(set(d, on, false), set(d, words, []string{"y\x00", "ü"})); err != nil {
			t.Fatal(err)
		}
		if got := get(t, d, words); get(t, d, on) || !reflect.DeepEqual(got, []string{"y\x00", "ü"}) {
			t.Errorf("%v %q", get(t, d, on), got)
		}
	})
}

func TestRefused(t *testing.T) {
	type thin struct {
		N int `json:"n,omitempty"`
	}
	each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		k := key()
		noRed := k.Default
		noRed.Colors = map[string]string{}
		for _, s := range []struct {
			story string
			err   error
			want  string
		}{
			{"a value that its check refuses", set(d, k, brand{}), "test.name"},
			{"a field that omitempty would bring back", set(d, settings.Key[thin]{Name: "a.thin", Default: thin{5}}, thin{0}), "come back different"},
			{"a map without a default's entry", set(d, k, noRed), "come back different"},
			{"a value that is no JSON", set(d, settings.Key[chan int]{Name: "a.chan"}, make(chan int)), "unsupported type"},
		} {
			if s.err == nil || !strings.Contains(s.err.Error(), s.want) {
				t.Errorf("%s: %v, want %q", s.story, s.err, s.want)
			}
		}
		if got := get(t, d, k); !reflect.DeepEqual(got, k.Default) {
			t.Errorf("a refused value was kept: %+v", got)
		}
		for _, stored := range []string{`{"name":`, `[]`, `{"size":"big"}`, ``} {
			store(t, d, k.Name, stored)
			if _, err := settings.Get(context.Background(), d.Read(), k); (err == nil) != (stored == "") || (err != nil && !strings.Contains(err.Error(), k.Name)) {
				t.Errorf("stored %q: %v", stored, err)
			}
		}
	})
}

// store puts text behind the package's back, as an older release might have.
func store(t *testing.T, d *db.DB, name, text string) {
	t.Helper()
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		if _, err := tx.Exec(context.Background(), `DELETE FROM settings WHERE name = $1`, name); err != nil {
			return err
		}
		_, err := tx.Exec(context.Background(), `INSERT INTO settings (name, value, updated) VALUES ($1, $2, 0)`, name, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
