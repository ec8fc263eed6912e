package settings

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"portico/backend/kernel/db"
)

// Migrations are the tables of this package.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Key names a setting: `room.what`. T is stored as JSON; it grows by adding
// fields, and none of them is tagged omitempty (a stored zero must be told from
// a missing field).
type Key[T any] struct {
	Name    string
	Default T
	Check   func(T) error // nil: anything goes. A fault.InvalidField tells the person what is wrong
}

// Get is the stored value. Fields that the stored JSON lacks keep the default's
// value, also inside objects and maps; fields that T no longer has are ignored;
// lists are taken as stored. The value is the caller's own: changing it changes
// no default.
func Get[T any](ctx context.Context, q db.Q, key Key[T]) (T, error) {
	var zero T
	value, err := kept[T]().Get(q, key.Name, func() (value[T], error) {
		stored, err := get(ctx, q, key.Name)
		if err != nil && !errors.Is(err, db.ErrNoRows) {
			return value[T]{}, err
		}
		v, err := decode(key.Default, stored)
		return value[T]{stored, key.Default, v, flat(reflect.TypeFor[T]())}, err
	})
	if err != nil {
		return zero, fmt.Errorf("reading the setting %s: %w", key.Name, err)
	}
	if value.flat && any(value.def) == any(key.Default) {
		return value.decoded, nil
	}
	v, err := decode(key.Default, value.stored)
	if err != nil {
		return zero, fmt.Errorf("reading the setting %s: %w", key.Name, err)
	}
	return v, nil
}

// value is a setting as it is kept in memory: what was decoded serves for those
// that cannot be changed through it.
type value[T any] struct {
	stored       string
	def, decoded T
	flat         bool
}

func kept[T any]() db.Kept[value[T]] {
	return db.Kept[value[T]]{Name: "settings", Tables: tables}
}

// flat reports that copying a value copies all of it.
func flat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !flat(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return flat(t.Elem())
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64:
		return true
	}
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
}

// Set checks v and stores it with the transaction. The error is the one of the
// key's Check, or says that v cannot be stored faithfully.
func Set[T any](ctx context.Context, tx *db.Tx, key Key[T], v T) error {
	if key.Check != nil {
		if err := key.Check(v); err != nil {
			return err
		}
	}
	value, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("storing the setting %s: %w", key.Name, err)
	}
	if err := faithful(key.Default, value); err != nil {
		return fmt.Errorf("storing the setting %s: %w", key.Name, err)
	}
	if err := put(ctx, tx, key.Name, string(value), tx.Now.UnixMilli()); err != nil {
		return fmt.Errorf("storing the setting %s: %w", key.Name, err)
	}
	return nil
}

// Reset forgets the stored value, so that the default holds again.
func Reset[T any](ctx context.Context, tx *db.Tx, key Key[T]) error {
	if err := remove(ctx, tx, key.Name); err != nil {
		return fmt.Errorf("resetting the setting %s: %w", key.Name, err)
	}
	return nil
}

// decode lays the stored JSON over the default's. It works on plain JSON values,
// because json.Unmarshal into a copied struct would write into the default's own
// maps and mix old list elements into new ones.
func decode[T any](def T, stored string) (T, error) {
	var v T
	base, err := json.Marshal(def)
	if err != nil {
		return v, err
	}
	if stored != "" {
		under, err := plain(base)
		if err != nil {
			return v, err
		}
		over, err := plain([]byte(stored))
		if err != nil {
			return v, err
		}
		if base, err = json.Marshal(lay(under, over)); err != nil {
			return v, err
		}
	}
	err = json.Unmarshal(base, &v)
	return v, err
}

// plain keeps numbers as they are written: int64 does not fit a float64.
func plain(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

func lay(under, over any) any {
	below, ok := under.(map[string]any)
	above, both := over.(map[string]any)
	if !ok || !both {
		return over
	}
	for name, v := range above {
		below[name] = lay(below[name], v)
	}
	return below
}

// faithful reports a value that would come back different from how it was
// stored; omitempty and one-way marshallers (secrets) do that.
func faithful[T any](def T, value []byte) error {
	v, err := decode(def, string(value))
	if err != nil {
		return err
	}
	again, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(value, again) {
		return errors.New("the value would come back different (omitempty, or a map that dropped a default's entry)")
	}
	return nil
}
