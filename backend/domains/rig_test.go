package domains

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"testing"
	"time"

	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/certs"
	"portico/backend/kernel/clock"
	"portico/backend/kernel/db"
	"portico/backend/kernel/db/dbtest"
	"portico/backend/kernel/events"
	"portico/backend/kernel/i18n"
	"portico/backend/kernel/jobs"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/secret"
	"portico/backend/kernel/settings"
	"portico/backend/kernel/zone"
)

var (
	ctx   = context.Background()
	staff = auth.Staff("Mia", "window")
)

// rig is the room alone, with everything around it made up.
type rig struct {
	*Service
	t     *testing.T
	clk   *clock.Fake
	words Words

	managed  map[string]certs.Options
	statuses map[string]certs.Status
	sick     map[string]error // names whose certificate the store does not keep
	survey   zone.Survey
	said     []zone.Diagnosis
	target   zone.Target // what the last check was judged by
	outside  []bool      // whether a question might go outside, one by one
	found    reach.Public
	local    []netip.Addr
	letters  []Letter
	active   string
	former   []string
	hsts     bool
	told     int
	wanted   []reach.Forward

	authority certs.About
	mute      error // why the authority does not answer
}

const shop = "portal.shop.test"

// each tells a story on both engines.
func each(t *testing.T, story func(r *rig)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, c db.Config, clk *clock.Fake) {
		d := dbtest.Open(t, c, db.Source{Room: "jobs", Files: jobs.Migrations}, db.Source{Room: "events", Files: events.Migrations},
			db.Source{Room: "audit", Files: audit.Migrations}, db.Source{Room: "settings", Files: settings.Migrations}, db.Source{Room: "domains", Files: Migrations})
		log := slog.New(slog.DiscardHandler)
		d.Attach(events.New(d, jobs.NewRunner(d, log)), audit.Log{})
		r := &rig{t: t, clk: clk, managed: map[string]certs.Options{}, statuses: map[string]certs.Status{}, sick: map[string]error{}}
		words, err := i18n.New(Messages)
		if err != nil {
			t.Fatal(err)
		}
		r.words = words.Text
		r.Service = r.boot(d, log, bytesOf(7))
		story(r)
	})
}

func bytesOf(b byte) []byte { return slices.Repeat([]byte{b}, 32) }

// boot makes the room on a store, as a start of the program does.
func (r *rig) boot(d *db.DB, log *slog.Logger, key []byte) *Service {
	r.t.Helper()
	box, err := secret.NewBox(key)
	if err != nil {
		r.t.Fatal(err)
	}
	world := outer{r}
	s := New(Deps{DB: d, Log: log, Box: box, Words: r.words, Live: world, Address: world, Wall: r.clk, Certs: world, World: world, DNS: world, Mail: world,
		Normal: func(typed string) (string, error) { return typed, nil }})
	s.OnWanted(func() { r.told++ })
	return s
}

// again starts the room anew; key is what the store's secrets are opened with.
func (r *rig) again(key byte) {
	r.t.Helper()
	r.Service = r.boot(r.DB, r.Log, bytesOf(key))
	r.must(r.Start(ctx))
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// use makes a name hold as a finished update does.
func (r *rig) use(name string) {
	r.t.Helper()
	r.must(r.DB.Write(ctx, func(tx *db.Tx) error {
		if err := savePlan(ctx, tx, Plan{Name: name, Record: ByAddress, Chosen: tx.Now}); err != nil {
			return err
		}
		return r.switchTo(ctx, tx, name)
	}))
	r.must(r.announce(ctx))
}

// turned does what Run does once.
func (r *rig) turned() {
	r.t.Helper()
	_, err := r.turn(ctx)
	r.must(err)
}

func (r *rig) set(c Change) {
	r.t.Helper()
	r.must(r.SetOptions(ctx, staff, c))
}

// checked looks at the name that is set up.
func (r *rig) checked() Check {
	r.t.Helper()
	c, _, err := r.Check(ctx, staff, "")
	r.must(err)
	return c
}

func (c Check) finds(code string) (Finding, bool) {
	i := slices.IndexFunc(c.Findings, func(f Finding) bool { return f.Code == code })
	if i < 0 {
		return Finding{}, false
	}
	return c.Findings[i], true
}

// life is a certificate that ends at a time and was given out for so long.
func life(name string, end time.Time, long time.Duration) certs.Status {
	return certs.Status{Name: name, State: certs.StateActive, NotBefore: end.Add(-long), NotAfter: end, Left: certs.Left{Failures: 3, Orders: 5}}
}

func ref[T any](v T) *T { return &v }

// outer is everything that the room needs.
type outer struct{ *rig }

func (outer) Changed(string, ...string) {}
func (outer) Default() string           { return "http://127.0.0.1:8080" }

func (o outer) Use(active string, former []string, hsts bool) {
	o.active, o.former, o.hsts = active, former, hsts
}

func (o outer) Notify(_ context.Context, _ *db.Tx, l Letter) error {
	o.letters = append(o.letters, l)
	return nil
}

func (o outer) Manage(_ context.Context, name string, how certs.Options) error {
	if err := o.sick[name]; err != nil {
		return err
	}
	o.rig.managed[name] = how
	return nil
}

func (o outer) Release(name string)                        { delete(o.rig.managed, name) }
func (outer) Retry(context.Context, string) error          { return nil }
func (o outer) Open(f ...reach.Forward)                    { o.rig.wanted = f }
func (outer) Reached() reach.Reached                       { return reach.Reached{} }
func (outer) Authority(context.Context) []reach.Finding    { return nil }
func (outer) Ports(context.Context) []reach.Finding        { return nil }
func (o outer) Local() []netip.Addr                        { return o.local }
func (o outer) Find(context.Context) reach.Public          { return o.found }
func (outer) ByURL(u zone.UpdateURL) (zone.Updater, error) { return zone.New(zone.Config{}).ByURL(u) }

func (outer) Self(context.Context, reach.Way, string, Outside) []reach.Finding { return nil }

func (outer) Router(context.Context, Ports, reach.Public, []netip.Addr) []reach.Finding { return nil }

func (o outer) About(context.Context) (certs.About, error) { return o.rig.authority, o.rig.mute }

func (outer) History(context.Context, string) ([]certs.Entry, error) { return nil, nil }

func (o outer) Status(_ context.Context, name string) (certs.Status, error) {
	if s, ok := o.statuses[name]; ok {
		return s, nil
	}
	return certs.Status{Name: name, State: certs.StateNone, Left: certs.Left{Failures: 3, Orders: 5}}, nil
}

func (o outer) Survey(_ context.Context, name zone.Name, outside bool) zone.Survey {
	o.outside = append(o.outside, outside)
	s := o.survey
	s.Name = name
	return s
}

func (o outer) Diagnose(_ zone.Survey, t zone.Target) []zone.Diagnosis {
	o.target = t
	return o.said
}

func (o outer) Signed(d zone.Dynamic, outside bool) (*zone.Signed, error) {
	o.outside = append(o.outside, outside)
	return zone.New(zone.Config{}).Signed(d)
}
