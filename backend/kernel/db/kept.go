package db

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Kept is a kind of thing that is read at every turn and changes seldom: a
// session, a setting, the brand. What was read stays in memory until one of the
// tables is written through this store; nobody has to remember to tell, because
// the seam sees every statement. The writer's Write returns after that, so
// whoever was told "suspended" finds no trace of before.
//
// Other nodes write the same PostgreSQL database unseen: there everything is read
// again every half second (backend/doc/security.md allows one for what is revoked).
type Kept[V any] struct {
	Name   string   // room.what
	Tables []string // every table that read asks
}

// keptLife is how old a value grows where others write too.
const keptLife = 500 * time.Millisecond

// maxKept bounds the values of a store, of all kinds together.
const maxKept = 16384

// Get answers what read finds, kept by key. The value is shared: do not change
// what it points to. Errors are not kept, and in a transaction nothing is.
func (k Kept[V]) Get(q Q, key string, read func() (V, error)) (V, error) {
	r, pool := q.(reader)
	if !pool {
		return read()
	}
	m, id := &r.d.memory, keptID{k.Name, key}
	version, changing := m.version(k.Tables) // before reading: a write meanwhile makes it old at once
	if changing {
		return read()
	}
	if e, ok := m.get(id); ok && e.version == version {
		if v, ok := e.value.(V); ok {
			return v, nil
		}
	}
	v, err := read()
	if err == nil {
		m.put(id, keptValue{v, version})
	}
	return v, err
}

type keptID struct{ kind, key string }

type keptValue struct {
	value   any
	version uint64
}

// memory is what a store keeps, and how often each table was written.
type memory struct {
	mu     sync.RWMutex
	values map[keptID]keptValue
	tables sync.Map // name → *changes; "" stands for statements of which the table is not known
	below  map[string][]string
}

func (m *memory) get(id keptID) (keptValue, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.values[id]
	return v, ok
}

func (m *memory) put(id keptID, v keptValue) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil || len(m.values) >= maxKept {
		m.values = map[keptID]keptValue{}
	}
	m.values[id] = v
}

// changes are how often a table was changed, and how many commits that change it
// are under way: from then on others may see them, so memory is not asked.
type changes struct {
	done    atomic.Uint64
	running atomic.Int64
}

func (m *memory) table(name string) *changes {
	if c, ok := m.tables.Load(name); ok {
		return c.(*changes)
	}
	c, _ := m.tables.LoadOrStore(name, new(changes))
	return c.(*changes)
}

// version grows with every change of one of the tables.
func (m *memory) version(tables []string) (sum uint64, changing bool) {
	add := func(c *changes) {
		changing = changing || c.running.Load() > 0
		sum += c.done.Load()
	}
	add(m.table(""))
	for _, t := range tables {
		add(m.table(t))
	}
	return sum, changing
}

// changing is called before the commit of transactions, and what it answers when
// their fate is decided, or when nobody can know it.
func (m *memory) changing(all ...*Tx) (decided func()) {
	var touched []*changes
	for _, tx := range all {
		for _, table := range tx.touched {
			c := m.table(table)
			c.running.Add(1)
			touched = append(touched, c)
		}
	}
	return func() {
		for _, c := range touched {
			c.done.Add(1)
			c.running.Add(-1)
		}
	}
}

// age makes all that is kept old, again and again until stop closes.
func (m *memory) age(stop <-chan struct{}) {
	tick := time.NewTicker(keptLife)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			m.table("").done.Add(1)
		}
	}
}

// touches notes the tables that a statement may change.
func (tx *Tx) touches(query string) {
	verb, rest, _ := strings.Cut(strings.TrimLeft(query, " \t\n"), " ")
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "INTO "), "FROM ")
	name := rest
	if end := strings.IndexAny(rest, " (\t\n"); end >= 0 {
		name = rest[:end]
	}
	switch verb {
	case "INSERT", "UPDATE":
		tx.touch(name)
	case "DELETE":
		tx.touch(name)
		for _, t := range tx.db.memory.below[name] {
			tx.touch(t)
		}
	default:
		tx.touch("")
	}
}

func (tx *Tx) touch(table string) {
	if !slices.Contains(tx.touched, table) {
		tx.touched = append(tx.touched, table)
	}
}

var (
	ofTable  = regexp.MustCompile(`^\s*(?:CREATE|ALTER) TABLE (?:IF NOT EXISTS )?(\w+)`)
	followed = regexp.MustCompile(`REFERENCES (\w+)\s*\([^)]*\) ON DELETE (?:CASCADE|SET)`)
)

// cascades answers which tables change by themselves when rows of a table go.
func cascades(all []migration) map[string][]string {
	direct := map[string][]string{}
	for _, m := range all {
		for _, statement := range statementsOf(m.text) {
			table := ofTable.FindStringSubmatch(statement)
			if table == nil {
				continue
			}
			for _, parent := range followed.FindAllStringSubmatch(statement, -1) {
				direct[parent[1]] = append(direct[parent[1]], table[1])
			}
		}
	}
	below := map[string][]string{}
	for table := range direct {
		all := direct[table]
		for i := 0; i < len(all); i++ { // all grows while it is walked
			for _, next := range direct[all[i]] {
				if !slices.Contains(all, next) {
					all = append(all, next)
				}
			}
		}
		below[table] = all
	}
	return below
}
