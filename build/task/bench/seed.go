package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"portico/backend"
	"portico/backend/torture"
)

var (
	given    = strings.Fields("Ada Ben Chloe David Elena Femi Grace Hugo Ines Jonas Kim Luca Mara Nils Olga Paul Quinn Rosa Sami Tara Uwe Vera Wim Xenia Yara Zoe")
	family   = strings.Fields("Abel Brandt Costa Dubois Eriksen Fischer Garcia Haas Ivanov Jensen Keller Lopez Moreau Nowak Okafor Perez Quist Rossi Schmidt Tanaka Ulrich Vargas Weber Xu Young Zimmer")
	business = strings.Fields("garden kitchen design photo studio legal tax print travel books paper glass timber bakery yoga music")
	cities   = strings.Fields("Aachen Berlin Calais Dublin Essen Faro Ghent Hamburg Izmir Jena Kyiv Lyon Milan Nantes Oslo Porto Riga Siena Turin Vienna")
)

// person is the i-th contact: the same in every run and every store.
type person struct{ name, email, phone, company, city string }

func personAt(i int) person {
	r := rand.New(rand.NewPCG(uint64(i), 42))
	g, f := given[r.IntN(len(given))], family[r.IntN(len(family))]
	return person{
		name:    g + " " + f,
		email:   fmt.Sprintf("%s.%s%d@example.test", strings.ToLower(g), strings.ToLower(f), i),
		phone:   fmt.Sprintf("+4930%07d", r.IntN(1e7)),
		company: f + " " + business[r.IntN(len(business))] + " Ltd",
		city:    cities[r.IntN(len(cities))],
	}
}

func (p person) json() ([]byte, error) {
	return json.Marshal(map[string]any{"name": p.name, "emails": []string{p.email}, "phones": []string{p.phone}, "company": p.company, "address": map[string]string{"city": p.city}})
}

// seedVersion names the shape of a filled store; raise it when filling changes.
const seedVersion = 3

// seeded is a data folder with n contacts, filled once through the staff API and
// kept in the user's cache until the schema changes.
func seeded(ctx context.Context, n int) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	schema, err := schemaKey(ctx)
	if err != nil {
		return "", err
	}
	ready := filepath.Join(cache, "portico-bench", fmt.Sprintf("contacts-%d-v%d-%s", n, seedVersion, schema))
	if _, err := os.Stat(ready); err == nil {
		return ready, nil
	}
	fmt.Printf("  filling a store with %d contacts; it is kept in %s\n", n, filepath.Dir(ready))
	if err := os.MkdirAll(filepath.Dir(ready), 0o700); err != nil {
		return "", err
	}
	half, err := os.MkdirTemp(filepath.Dir(ready), "half-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(half) }()
	if err := fill(ctx, half, n); err != nil {
		return "", err
	}
	if err := raise(ctx, half); err != nil {
		return "", err
	}
	return ready, os.Rename(half, ready)
}

// schemaKey is short for the migrations of this program.
func schemaKey(ctx context.Context) (string, error) {
	dir, err := os.MkdirTemp("", "portico-schema-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b, err := backend.New(ctx, backend.Config{Data: dir, Secrets: filepath.Join(dir, "secrets.json")})
	if err != nil {
		return "", err
	}
	if err := b.Close(); err != nil {
		return "", err
	}
	in, err := torture.Inspect(ctx, dir)
	if err != nil {
		return "", err
	}
	sums, err := in.Set(ctx, `SELECT room || number || checksum FROM schema_migrations`)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, sum := range slices.Sorted(maps.Keys(sums)) {
		hash.Write([]byte(sum))
	}
	return hex.EncodeToString(hash.Sum(nil)[:4]), in.Close()
}

// fill adds n contacts in this process, many at a time so that they share commits.
func fill(ctx context.Context, data string, n int) error {
	b, err := backend.New(ctx, backend.Config{Data: data, Secrets: filepath.Join(data, "secrets.json"), BaseURL: "http://127.0.0.1"})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.Run(running) }()
	handler := b.Socket()
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, 128)
	began := time.Now()
	for range cap(errs) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				if err := add(handler, personAt(i)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	stop()
	err = errors.Join(<-errs, ctx.Err(), <-ended, b.Close(), os.RemoveAll(filepath.Join(data, "reserve")))
	fmt.Printf("  %.0f contacts a second\n", float64(n)/time.Since(began).Seconds())
	return err
}

func add(handler http.Handler, p person) error {
	raw, err := p.json()
	if err != nil {
		return err
	}
	r := httptest.NewRequest(http.MethodPost, "http://portico/api/staff/contacts", bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		return fmt.Errorf("adding a contact: %d %s", w.Code, w.Body)
	}
	return nil
}
