package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// asset is a file with its prepared encodings, held in memory: the bundles are a
// few hundred kilobytes and are sent as they are.
type asset struct {
	kind      string
	etag      string
	immutable bool
	plain     []byte
	br, gzip  []byte
}

// Assets serves a built bundle. Files below assets/ carry a hash in their name
// and never change; everything else is revalidated. Shell answers index.html for
// paths that the app's router knows.
type Assets struct{ files map[string]*asset }

// LoadAssets reads a bundle; a missing one (backend-only build) is empty.
func LoadAssets(bundle fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]*asset{}}
	err := fs.WalkDir(bundle, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
			return err
		}
		plain, err := fs.ReadFile(bundle, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(plain)
		f := &asset{kind: mime.TypeByExtension(path.Ext(name)), etag: `"` + hex.EncodeToString(sum[:8]) + `"`,
			immutable: strings.HasPrefix(name, "assets/"), plain: plain}
		f.br, _ = fs.ReadFile(bundle, name+".br")
		f.gzip, _ = fs.ReadFile(bundle, name+".gz")
		if path.Ext(name) == ".webmanifest" {
			f.kind = "application/manifest+json"
		}
		a.files[name] = f
		return nil
	})
	return a, err
}

// Has reports whether the bundle holds a file.
func (a *Assets) Has(name string) bool { return a.files[name] != nil }

// Serve answers a file of the bundle, or 404.
func (a *Assets) Serve(w http.ResponseWriter, r *http.Request, name string) {
	f := a.files[name]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	body := f.plain
	accepts := r.Header.Get("Accept-Encoding")
	switch {
	case f.br != nil && strings.Contains(accepts, "br"):
		h.Set("Content-Encoding", "br")
		body = f.br
	case f.gzip != nil && strings.Contains(accepts, "gzip"):
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
