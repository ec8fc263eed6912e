package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
)

var (
	ctx    = context.Background()
	people = Index{Name: "people"}
)

func open(t *testing.T, c db.Config) *db.DB {
	t.Helper()
	d := dbtest.Open(t, c)
	source := db.Source{Room: "people", Files: fstest.MapFS{"migrations/0001_people.sql": {Data: []byte("-- @search people\n-- @search-text letters\n")}}}
	if err := d.Migrate(ctx, []db.Source{source}, map[string]db.Directive{"search": Create, "search-text": CreateText}); err != nil {
		t.Fatal(err)
	}
	return d
}

func put(t *testing.T, d *db.DB, id string, texts ...string) {
	t.Helper()
	if err := d.Write(ctx, func(tx *db.Tx) error { return people.Put(ctx, tx, id, id, texts...) }); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, d *db.DB, q Query) (ids []string) {
	t.Helper()
	where, args := people.Where(d.Engine(), q, "id", 1)
	rows, err := d.Read().Query(ctx, "SELECT id FROM people_search WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// The same table runs on both engines: that is what "the same results" means.
func TestWhatIsTypedFindsTheSamePeopleOnEveryEngine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := open(t, c)
		put(t, d, "ana", "Ana Petrović", "ana.p@example.com", "Müller & Söhne")
		put(t, d, "jon", "Jónas Weber", "jonas@weber.example", "+4930123456")
		put(t, d, "mia", "Mia Chen-Großmann", "m_c%h@x.example")
		put(t, d, "li", "李小龙", `o'neil "quoted" 100%`)
		put(t, d, "ana", "Ana Petrović", "ana.petrovic@example.com", "Müller & Söhne")
		for _, story := range []struct{ typed, want, corrected string }{
			{"ana", "ana", ""}, {"AN", "ana", ""}, {"a", "ana", ""}, {"petrovic", "ana", ""}, {"trovi", "ana", ""}, {"muller sohne", "ana", ""},
			{"MÜLL", "ana", ""}, {"jonas WEB", "jon", ""}, {"weber ana", "", ""}, {"grossm", "mia", ""}, {"GROẞMANN", "mia", ""}, {"m_c%h@", "mia", ""}, {"m_c", "mia", ""}, {"%h@", "mia", ""},
			{"%%%", "", ""}, {"___", "", ""}, {`"quoted"`, "li", ""}, {`o'n`, "li", ""}, {"100%", "li", ""}, {"李", "li", ""}, {"小龙", "", ""}, {"李小龙", "li", ""},
			{"example", "ana jon mia", ""}, {"e", "ana jon mia", ""}, {"ch", "mia", ""}, {"hen", "mia", ""}, {"30123", "jon", ""}, {"p@e", "", ""}, {"c@e", "ana", ""},
			{"petrovc", "ana", "petrovic"}, {"petrovixc", "ana", "petrovic"}, {"pertovic", "ana", "petrovic"}, {"betrovic", "ana", "petrovic"}, {"webar jonas", "jon", "weber jonas"},
			{"xetrovxc", "", ""}, {"webr", "jon", "weber"}, {"AND", "", ""}, {"weber OR chen", "", ""}, {"mu*", "", ""}, {"body:ana", "", ""}, {"- & -", "ana jon li mia", ""},
		} {
			q := Parse(story.typed)
			var got []string
			corrected := ""
			if q.Empty() {
				got = []string{"ana", "jon", "li", "mia"}
			} else if got = find(t, d, q); len(got) == 0 {
				better, shown, ok, err := people.Correct(ctx, d.Read(), q)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					got, corrected = find(t, d, better), shown
				}
			}
			if strings.Join(got, " ") != story.want || corrected != story.corrected {
				t.Errorf("%q found %v corrected %q, want %q %q", story.typed, got, corrected, story.want, story.corrected)
			}
		}
	})
}

func TestLongTextsAreFoundAlikeButForgiveNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d, letters := open(t, c), Index{Name: "letters", Text: true}
		write := func(do func(tx *db.Tx) error) {
			t.Helper()
			if err := d.Write(ctx, do); err != nil {
				t.Fatal(err)
			}
		}
		for id, text := range map[string]string{"a": "Der Straßenbau, am Müller-Platz", "b": "we meet at 9 in the garden", "c": "canary one", "d": "to be gone"} {
			write(func(tx *db.Tx) error { return letters.Put(ctx, tx, id, "", text) })
		}
		write(func(tx *db.Tx) error {
			return letters.PutAll(ctx, tx, []Doc{{"c", "garden two"}, {"e", "many at once"}, {"b", "we meet at 9 in the garden"}, {"f", "at once"}})
		})
		write(func(tx *db.Tx) error { return letters.Delete(ctx, tx, "d") })
		for typed, want := range map[string]string{"garden": "b c", "arde": "b c", "GARDEN we": "b", "strassen": "a", "mull": "a", "9": "b", "canary": "", "gone": "", "gardne": "", "tw": "c", "many": "e", "once": "e f", "at on": "e f"} {
			_, q, err := letters.Reach(ctx, d.Read(), Parse(typed))
			if err != nil {
				t.Fatal(err)
			}
			where, args := letters.Where(d.Engine(), q, "id", 1)
			each, more := letters.Each(Parse(typed), "o.id", 1)
			for text, args := range map[string][]any{
				"SELECT id FROM letters_search WHERE " + where + " ORDER BY id":  args,
				"SELECT id FROM letters_search o WHERE " + each + " ORDER BY id": more,
			} {
				rows, err := d.Read().Query(ctx, text, args...)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for rows.Next() {
					var id string
					if err := rows.Scan(&id); err != nil {
						t.Fatal(err)
					}
					got = append(got, id)
				}
				_ = rows.Close()
				if strings.Join(got, " ") != want {
					t.Errorf("%q found %v, want %q by %s", typed, got, want, text)
				}
			}
		}
		if _, _, better, err := letters.Correct(ctx, d.Read(), Parse("gardne")); better || err != nil {
			t.Errorf("corrected: %v %v", better, err)
		}
	})
}

func TestTheIndexForgetsPeopleWhoAreGone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := open(t, c)
		put(t, d, "a", "Canary Meier")
		put(t, d, "b", "Ben Meier")
		put(t, d, "b", "Ben Meier-Kanarie")
		if err := d.Write(ctx, func(tx *db.Tx) error { return people.Delete(ctx, tx, "a") }); err != nil {
			t.Fatal(err)
		}
		if got := find(t, d, Parse("canary")); got != nil {
			t.Errorf("found %v", got)
		}
		var left []string
		rows, err := d.Read().Query(ctx, "SELECT word FROM people_typo WHERE variant = word ORDER BY word")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var w string
			_ = rows.Scan(&w)
			left = append(left, w)
		}
		if fmt.Sprint(left) != "[kanarie meier]" {
			t.Errorf("words left: %v", left)
		}
		if d.Engine() == db.SQLite {
			if err := d.Write(ctx, func(tx *db.Tx) error {
				for _, table := range []string{"people_fragments", "people_words"} {
					if _, err := tx.Exec(ctx, `INSERT INTO `+table+` (`+table+`, rank) VALUES ('integrity-check', 1)`); err != nil {
						return fmt.Errorf("%s: %w", table, err)
					}
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		}
	})
}

// Every way of reading a list finds the same, and only SQLite is told which to take.
func TestAListIsReadFromItsShortEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := open(t, c)
		if err := d.Write(ctx, func(tx *db.Tx) error {
			for i := range sample + 10 {
				id := fmt.Sprintf("p%04d", i)
				if err := people.Put(ctx, tx, id, fmt.Sprint(i%7), "Ana Weber", fmt.Sprintf("ana%d@example.com", i)); err != nil {
					return err
				}
			}
			if err := people.Put(ctx, tx, "bo", "5", "Bo Weber"); err != nil || tx.Engine() == db.Postgres {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO people_search (n, id, key, body, words) VALUES (1000000, 'gap', '', '', '')`); err != nil {
				return err
			}
			for i := range sample + 10 {
				if err := people.Put(ctx, tx, fmt.Sprintf("q%04d", i), "3", "Late Comer"); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for _, story := range []struct {
			typed string
			want  Reach
			found int
		}{{"weber", Many, sample + 11}, {"a", Many, sample + 10}, {"weber an", Many, sample + 10}, {"weber bo", Few, 1}, {"bo", Few, 1}, {"ana7@", Few, 1},
			{"late", Few, sample + 10}, {"late co", Few, sample + 10}, {"l", Few, sample + 10}, {"nobody", None, 0}, {"weber zz", None, 0}, {"", Unknown, 0}} {
			q := Parse(story.typed)
			want := story.want
			if d.Engine() == db.Postgres {
				want = Unknown
			}
			got, known, err := people.Reach(ctx, d.Read(), q)
			if err != nil || got != want {
				t.Errorf("%q reaches %v, want %v (%v)", story.typed, got, want, err)
			}
			if q.Empty() || d.Engine() == db.Postgres {
				continue
			}
			each, args := people.Each(q, "o.id", 1)
			var n int
			if err := d.Read().QueryRow(ctx, "SELECT count(*) FROM people_search o WHERE "+each, args...).Scan(&n); err != nil || n != story.found || len(find(t, d, q)) != story.found || len(find(t, d, known)) != story.found {
				t.Errorf("%q finds %d one by one and %d at once, want %d (%v)", story.typed, n, len(find(t, d, q)), story.found, err)
			}
			inOrder(t, d, q, story.found)
		}
	})
}

// inOrder reads all matches by pages of 20, both ways and in both directions.
func inOrder(t *testing.T, d *db.DB, q Query, want int) {
	t.Helper()
	for _, reach := range []Reach{Few, Many} {
		for _, desc := range []bool{false, true} {
			var after *Place
			var all []string
			for {
				source, condition, args := people.InOrder(q, reach, after, desc, 1)
				rows, err := d.Read().Query(ctx, "SELECT o.key, o.id FROM "+source+" CROSS JOIN people_search o ON o.id = s.id WHERE "+condition+" LIMIT 20", args...)
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for ; rows.Next(); n++ {
					var key, id string
					if err := rows.Scan(&key, &id); err != nil {
						t.Fatal(err)
					}
					all, after = append(all, key+" "+id), &Place{key, id}
				}
				_ = rows.Close()
				if n < 20 {
					break
				}
			}
			sorted := slices.Clone(all)
			if slices.Sort(sorted); desc {
				slices.Reverse(sorted)
			}
			if len(all) != want || !slices.Equal(all, sorted) || len(slices.Compact(sorted)) != want {
				t.Errorf("%q, reach %v, descending %v: %d of %d, or not in order", q.Typed, reach, desc, len(all), want)
			}
		}
	}
}

// A walk goes no further than its stretch: the caller then sorts the matches.
func TestAWalkGivesUp(t *testing.T) {
	d := open(t, db.Config{Path: t.TempDir() + "/a.db"})
	put(t, d, "zoe", "Zoe", "z")
	if err := d.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO people_search (id, key, body, words)
			WITH RECURSIVE f (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM f WHERE i < $1) SELECT 'f' || i, 'a', '', '' FROM f`, stretch)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for reach, want := range map[Reach]int{Many: 0, Few: 1} {
		source, condition, args := people.InOrder(Parse("zoe"), reach, nil, false, 1)
		var n int
		if err := d.Read().QueryRow(ctx, "SELECT count(*) FROM "+source+" WHERE "+condition, args...).Scan(&n); err != nil || n != want {
			t.Errorf("reach %v finds %d, want %d (%v)", reach, n, want, err)
		}
	}
}

func TestOneApart(t *testing.T) {
	for _, story := range []struct {
		a, b string
		want bool
	}{
		{"anna", "anna", true}, {"anna", "ann", true}, {"anna", "annab", true}, {"anna", "amna", true}, {"anna", "naan", false}, {"anna", "nana", true},
		{"weber", "webre", true}, {"weber", "wbeer", true}, {"weber", "wxbxr", false}, {"weber", "we", false}, {"müde", "mude", true}, {"", "a", true},
	} {
		if got := oneApart(story.a, story.b); got != story.want {
			t.Errorf("%s %s: %v", story.a, story.b, got)
		}
		if story.want && !slices.ContainsFunc(variants(story.a), func(v string) bool { return slices.Contains(variants(story.b), v) }) {
			t.Errorf("%s and %s share no variant", story.a, story.b)
		}
	}
}

func FuzzFoldAndParse(f *testing.F) {
	for _, s := range []string{"Ana", "ẞ", "İstanbul", "ﬁn", "a\x00b", "𝓐na", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if strings.TrimSpace(once) != once {
			t.Errorf("%q folds to %q", s, once)
		}
		if q := Parse(s); len(q.terms) > maxTerms+64 {
			t.Errorf("%d terms", len(q.terms))
		}
	})
}
