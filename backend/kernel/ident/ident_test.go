package ident

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

// Text order is the order in which ids were made: paging and timelines stand on it.
func TestIdsSortByTime(t *testing.T) {
	made := make([]string, 20_000)
	for i := range made {
		made[i] = New("ct")
	}
	if !slices.IsSorted(made) || len(slices.Compact(slices.Clone(made))) != len(made) {
		t.Error("ids of one process are not in order, or double")
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	all := map[string]bool{}
	for range 8 {
		wg.Go(func() {
			last := ""
			for range 2000 {
				id := New("ct")
				mu.Lock()
				if all[id] || id <= last {
					t.Errorf("%s after %s", id, last)
				}
				all[id], last = true, id
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestValid(t *testing.T) {
	good := New("ct")
	for id, ok := range map[string]bool{good: true, "": false, "ct_": false, good[:28]: false, good + "0": false, "se" + good[2:]: false, strings.ToUpper(good): false,
		"ct_" + strings.Repeat("w", 26): false, "ct_" + strings.Repeat("0", 25) + "=": false, "ct_" + strings.Repeat("0", 24) + "\r\n": false, " " + good: false} {
		if Valid("ct", id) != ok {
			t.Errorf("%q: %v", id, !ok)
		}
	}
}

func FuzzValid(f *testing.F) {
	f.Add(New("ct"))
	f.Add("ct_" + strings.Repeat("0", 24) + "\r\n")
	f.Fuzz(func(t *testing.T, id string) {
		if Valid("ct", id) && (len(id) != 29 || strings.Trim(id[3:], "0123456789abcdefghijklmnopqrstuv") != "") {
			t.Errorf("%q", id)
		}
	})
}
