package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheLogStartsAgainWhenItIsFull(t *testing.T) {
	dir, errs := t.TempDir(), &bytes.Buffer{}
	log := openLog(dir, true, errs)
	log.Debug("first")
	path := filepath.Join(dir, "portico.log")
	if err := os.Truncate(path, logLimit); err != nil {
		t.Fatal(err)
	}
	log.Info("second") // not yet seen as full: the writer counts what it wrote
	again := openLog(dir, false, errs)
	again.Info("third")
	again.Info("fourth")
	again.Debug("too much")
	now, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(now), "fourth") || strings.Contains(string(now), "third") {
		t.Errorf("%.200s %v", now, err)
	}
	before, err := os.ReadFile(path + ".1")
	if err != nil || !strings.Contains(string(before), "third") {
		t.Errorf("the log before: %v", err)
	}
	if !strings.Contains(errs.String(), "first") || strings.Contains(errs.String(), "too much") {
		t.Errorf("stderr: %s", errs)
	}
}
