package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/fault"
)

var ctx = context.Background()

func things(text string) db.Source {
	if text == "" {
		text = "CREATE TABLE thing (id TEXT PRIMARY KEY, n BIGINT NOT NULL, at BIGINT, flag BOOLEAN, raw BLOB);\n-- @append-only ledger\nCREATE TABLE ledger (id TEXT PRIMARY KEY);\nCREATE TABLE part (id TEXT PRIMARY KEY, thing_id TEXT NOT NULL REFERENCES thing (id));\n"
	}
	return db.Source{Room: "things", Files: fstest.MapFS{"migrations/0001_things.sql": {Data: []byte(text)}}}
}

func add(id string, n int) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO thing (id, n) VALUES ($1, $2)`, id, n)
		return err
	}
}

func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Read().QueryRow(ctx, `SELECT count(*) FROM thing`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestParametersBindByNumberOnEveryEngine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		for _, story := range []struct {
			query string
			args  []any
			want  string
		}{
			{`SELECT CAST($2 AS TEXT) || CAST($1 AS TEXT)`, []any{"a", "b"}, "ba"},
			{`SELECT CAST($1 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT)`, []any{"a", "b"}, "aab"},
			{`SELECT CAST($3 AS TEXT) || CAST($1 AS TEXT) || CAST($2 AS TEXT)`, []any{"a", "b", "c"}, "cab"},
			{`SELECT w FROM (SELECT 'ana' AS w UNION SELECT 'ben' UNION SELECT 'anton') l WHERE w LIKE $1 ORDER BY w LIMIT $3 OFFSET $2`, []any{"an%", 1, 5}, "anton"},
		} {
			var read, wrote string
			if err := d.Read().QueryRow(ctx, story.query, story.args...).Scan(&read); err != nil {
				t.Fatal(err)
			}
			if err := d.Write(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, story.query, story.args...).Scan(&wrote) }); err != nil {
				t.Fatal(err)
			}
			if read != story.want || wrote != story.want {
				t.Errorf("%s: read %q, wrote %q, want %q", story.query, read, wrote, story.want)
			}
		}
	})
}

func TestAWriteIsKeptWholeOrNotAtAll(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		own := errors.New("second thoughts")
		var pushed []string
		run := func(name string, end error) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				tx.AfterCommit(func() { pushed = append(pushed, name) })
				if !tx.Now.Equal(clk.Now()) {
					t.Errorf("Now is %v", tx.Now)
				}
				if err := add(name, 1)(tx); err != nil {
					return err
				}
				return end
			})
		}
		if err := run("kept", nil); err != nil {
			t.Fatal(err)
		}
		if err := run("dropped", own); !errors.Is(err, own) {
			t.Fatalf("got %v", err)
		}
		if n := count(t, d); n != 1 || fmt.Sprint(pushed) != "[kept]" {
			t.Errorf("%d rows, pushed %v", n, pushed)
		}
		err := d.Write(ctx, func(*db.Tx) error { panic("a bug") })
		if err == nil || !strings.Contains(err.Error(), "a bug") {
			t.Errorf("a panic became %v", err)
		}
		if err := run("after the panic", nil); err != nil {
			t.Errorf("the store is dead after a panic: %v", err)
		}
	})
}

func TestManyWritersShareCommitsAndEachGetsItsOwnAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		var refused atomic.Int64
		var wg sync.WaitGroup
		for w := range 32 {
			wg.Go(func() {
				for i := range 10 {
					id := fmt.Sprintf("%d-%d", w, i)
					if i%5 == 4 {
						id = fmt.Sprintf("%d-0", w) // a duplicate: only this one may fail
					}
					if err := d.Write(ctx, add(id, i)); db.IsUnique(err) {
						refused.Add(1)
					} else if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := count(t, d); n != 32*8 || refused.Load() != 32*2 {
			t.Errorf("%d rows, %d refused", n, refused.Load())
		}
	})
}

func TestOneThatFailsTakesNobodyAlong(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		own := errors.New("second thoughts")
		held, release := make(chan struct{}), make(chan struct{})
		var once sync.Once
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := d.Write(ctx, func(tx *db.Tx) error { // on SQLite the others gather behind it
				once.Do(func() { close(held); <-release })
				return add("first", 1)(tx)
			}); err != nil {
				t.Error(err)
			}
		})
		<-held
		for i := range 9 {
			wg.Go(func() {
				err := d.Write(ctx, func(tx *db.Tx) error {
					if i%3 == 1 {
						return own // has changed nothing
					}
					if err := add(fmt.Sprint(i), i)(tx); err != nil || i%3 == 0 {
						return err
					}
					return own
				})
				if want := i%3 == 0; (err == nil) != want || !want && !errors.Is(err, own) {
					t.Errorf("%d: got %v", i, err)
				}
			})
		}
		close(release)
		wg.Wait()
		if n := count(t, d); n != 4 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestAWriteInsideAWritePanics(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		err := d.Write(ctx, func(*db.Tx) error { return d.Write(ctx, add("x", 1)) })
		if err == nil || !strings.Contains(err.Error(), "Write inside a Write") {
			t.Errorf("got %v", err)
		}
	})
}

func TestACallerWhoLeftIsNotServedAndHarmsNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		gone, leave := context.WithCancel(ctx)
		leave()
		if err := d.Write(gone, add("x", 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if n := count(t, d); n != 0 {
			t.Errorf("%d rows", n)
		}
		if _, err := d.Read().Query(gone, `SELECT id FROM thing`); !errors.Is(err, context.Canceled) {
			t.Errorf("reading: got %v", err)
		}
	})
}

func TestErrorsAreToldApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		exec := func(text string) error {
			return d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, text); return err })
		}
		if err := exec(`INSERT INTO thing (id, n) VALUES ('a', 1)`); err != nil {
			t.Fatal(err)
		}
		if err := exec(`INSERT INTO thing (id, n) VALUES ('a', 1)`); !db.IsUnique(err) || db.IsForeignKey(err) {
			t.Errorf("duplicate: %v", err)
		}
		if err := exec(`INSERT INTO part (id, thing_id) VALUES ('p', 'nobody')`); !db.IsForeignKey(err) || db.IsUnique(err) {
			t.Errorf("dangling: %v", err)
		}
		if err := exec(`INSERT INTO ledger (id) VALUES ('l')`); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{`UPDATE ledger SET id = 'm'`, `DELETE FROM ledger`} {
			if err := exec(text); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", text, err)
			}
		}
	})
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, things(""))
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO thing (id, n, at, flag, raw) VALUES ($1, $2, $3, $4, $5)`, "a", 7, db.Ms(tx.Now), true, []byte{0, 255})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var at = clk.Now().AddDate(1, 0, 0)
		var flag bool
		var raw []byte
		if err := d.Read().QueryRow(ctx, `SELECT at, flag, raw FROM thing WHERE flag = TRUE`).Scan(db.Time(&at), &flag, &raw); err != nil {
			t.Fatal(err)
		}
		if !at.Equal(clk.Now()) || !flag || string(raw) != "\x00\xff" {
			t.Errorf("%v %v %v", at, flag, raw)
		}
	})
}

// What is in a table's primary key stands in the table itself: on SQLite a second
// tree would be written with every row. Both engines take the one text.
func TestAPrimaryKeyIsNoSecondTree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		d := dbtest.Open(t, c, things("CREATE TABLE thing (\n\tid TEXT PRIMARY KEY,\n\tn BIGINT NOT NULL,\n\traw BLOB\n) WITHOUT ROWID;\n"+
			"CREATE TABLE page (\n\tseq BIGINT PRIMARY KEY,\n\ttext TEXT NOT NULL\n);\n"))
		if err := d.Write(ctx, func(tx *db.Tx) error {
			if err := add("a", 1)(tx); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `INSERT INTO page (seq, text) VALUES ($1, 'first')`, int64(1)<<40)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var seq int64
		if err := d.Read().QueryRow(ctx, `SELECT seq FROM page`).Scan(&seq); err != nil || seq != 1<<40 || count(t, d) != 1 {
			t.Errorf("seq %d, %v", seq, err)
		}
		if err := d.Write(ctx, add("a", 2)); !db.IsUnique(err) {
			t.Errorf("the key of a row was taken twice: %v", err)
		}
		if c.URL != "" {
			return
		}
		var more int
		if err := d.Read().QueryRow(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('thing', 'page')`).Scan(&more); err != nil || more != 0 {
			t.Errorf("%d trees beside the tables, %v", more, err)
		}
	})
}

func TestMigrationsRefuseWhatTheyDoNotKnow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, c db.Config, _ *clock.Fake) {
		first := things("CREATE TABLE thing (id TEXT PRIMARY KEY, n BIGINT);\n")
		d := dbtest.Open(t, c, first)
		two := db.Source{Room: "things", Files: fstest.MapFS{
			"migrations/0001_things.sql": {Data: []byte("CREATE TABLE thing (id TEXT PRIMARY KEY, n BIGINT);\n")},
			"migrations/0002_more.sql":   {Data: []byte("CREATE TABLE more (id TEXT PRIMARY KEY);\nCREATE TABLE more (id TEXT);\n")},
		}}
		if err := d.Migrate(ctx, []db.Source{two}, nil); err == nil {
			t.Error("a broken migration was applied")
		}
		if _, err := d.Read().Query(ctx, `SELECT id FROM more`); err == nil {
			t.Error("half of a broken migration stayed")
		}
		for name, story := range map[string]struct {
			sources []db.Source
			code    string
		}{
			"changed": {[]db.Source{things("CREATE TABLE thing (id TEXT);\n")}, "store.changed_migration"},
			"newer":   {nil, "store.newer"},
		} {
			if f := fault.As(d.Migrate(ctx, story.sources, nil)); f == nil || f.Code != story.code {
				t.Errorf("%s: got %v", name, f)
			}
		}
	})
}

func TestAMigrationIsPrecededByAVerifiedBackup(t *testing.T) {
	dir := t.TempDir()
	d := dbtest.Open(t, db.Config{Path: filepath.Join(dir, "portico.db")}, things(""))
	if err := d.Write(ctx, add("a", 1)); err != nil {
		t.Fatal(err)
	}
	two := db.Source{Room: "later", Files: fstest.MapFS{"migrations/0001_later.sql": {Data: []byte("CREATE TABLE later (id TEXT);\n")}}}
	if err := d.Migrate(ctx, []db.Source{things(""), two}, nil); err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "backups", "before-later-0001-*.db"))
	if len(names) != 1 {
		t.Fatalf("backups: %v", names)
	}
	if err := db.VerifyFile(ctx, names[0]); err != nil {
		t.Error(err)
	}
	if err := os.Truncate(names[0], 0); err != nil {
		t.Fatal(err)
	}
	if err := db.VerifyFile(ctx, names[0]); err == nil {
		t.Error("an empty copy passed")
	}
}

func TestDamageIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portico.db")
	d := dbtest.Open(t, db.Config{Path: path}, things(""))
	for i := range 200 {
		if err := d.Write(ctx, add(strings.Repeat("x", 2000)+fmt.Sprint(i), i)); err != nil {
			t.Fatal(err)
		}
	}
	if full, quick := d.Verify(ctx), d.QuickVerify(ctx); full != nil || quick != nil {
		t.Fatalf("a sound store: %v, %v", full, quick)
	}
	copied := filepath.Join(t.TempDir(), "portico.db")
	if err := d.Backup(ctx, copied); err != nil {
		t.Fatal(err)
	}
	store, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	for page := len(store) / 4096 / 2; page < len(store)/4096; page++ { // headers of half the pages
		store[page*4096] ^= 0x55
	}
	if err := os.WriteFile(copied, store, 0o600); err != nil {
		t.Fatal(err)
	}
	other, err := db.Open(ctx, db.Config{Path: copied, Clock: d.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	for name, check := range map[string]func(context.Context) error{"full": other.Verify, "quick": other.QuickVerify} {
		if err := check(ctx); err == nil {
			t.Errorf("%s: damage was not found", name)
		}
	}
}

func TestAFullDiskRefusesClearlyAndKeepsWhatWasSaved(t *testing.T) {
	d := dbtest.Open(t, db.Config{Path: filepath.Join(t.TempDir(), "portico.db")}, things(""))
	limit := func(pages int) {
		if err := d.Write(ctx, func(tx *db.Tx) error {
			var n int
			return tx.QueryRow(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit(40)
	acknowledged := 0
	var last error
	for i := range 200 {
		if last = d.Write(ctx, add(strings.Repeat("x", 2000)+fmt.Sprint(i), i)); last != nil {
			break
		}
		acknowledged++
	}
	if f := fault.As(last); f == nil || f.Kind != fault.StorageFull || !strings.Contains(f.Message, "disk is full") {
		t.Fatalf("got %v", last)
	}
	if n := count(t, d); n != acknowledged {
		t.Errorf("%d rows, %d acknowledged", n, acknowledged)
	}
	limit(100000)
	if err := d.Write(ctx, add("after", 1)); err != nil {
		t.Errorf("not writing again after space was freed: %v", err)
	}
	if err := d.Verify(ctx); err != nil {
		t.Error(err)
	}
}

func TestOneProcessOwnsADataDirectory(t *testing.T) {
	dir := t.TempDir()
	first, err := db.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Lock(dir); !errors.Is(err, db.ErrInUse) {
		t.Errorf("a second lock: %v", err)
	}
	_ = first.Close()
	again, err := db.Lock(dir)
	if err != nil {
		t.Fatalf("after it was given back: %v", err)
	}
	_ = again.Close()
}

func TestUnsafePlacesAreRefused(t *testing.T) {
	base := t.TempDir()
	for _, story := range []struct {
		path string
		safe bool
	}{
		{"Portico", true}, {"my dropbox of letters", true}, {"Dropbox/portico", false}, {"OneDrive - Shop/x", false},
		{"Library/Mobile Documents/x", false}, {"Nextcloud", false}, {"megaphone", true},
	} {
		dir := filepath.Join(base, story.path)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := db.SafePlace(dir); (err == nil) != story.safe {
			t.Errorf("%s: %v", story.path, err)
		}
	}
}
