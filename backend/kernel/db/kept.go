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
	version := m.version(k.Tables) // before reading: a write meanwhile makes it old at once
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
	writes sync.Map // table → *atomic.Uint64; "" counts statements of which the table is not known
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

func (m *memory) counter(table string) *atomic.Uint64 {
	if c, ok := m.writes.Load(table); ok {
		return c.(*atomic.Uint64)
	}
	c, _ := m.writes.LoadOrStore(table, new(atomic.Uint64))
	return c.(*atomic.Uint64)
}

// version grows with every write to one of the tables.
func (m *memory) version(tables []string) uint64 {
	sum := m.counter("").Load()
	for _, t := range tables {
		sum += m.counter(t).Load()
	}
	return sum
}

// written counts what transactions touched, once their fate is decided.
func (m *memory) written(all ...*Tx) {
	for _, tx := range all {
		if tx == nil {
			return // the rest of a batch never ran
		}
		for _, table := range tx.touched {
			m.counter(table).Add(1)
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
			m.counter("").Add(1)
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
