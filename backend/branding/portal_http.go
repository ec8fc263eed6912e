package branding

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// RegisterPortal adds what every visitor's browser fetches of the brand.
func RegisterPortal(api *web.API, s *Service) {
	file := func(path, summary string, get func(*http.Request, auth.Actor) (File, error)) {
		api.Handle(http.MethodGet, path, auth.Public, summary, func(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
			f, err := get(r, actor)
			serve(api, w, r, f, err)
		})
	}
	file("/brand.css", "The owner's colours as CSS variables", func(r *http.Request, _ auth.Actor) (File, error) { return s.StylesheetFile(r.Context()) })
	file("/brand/logo", "The logo", func(r *http.Request, _ auth.Actor) (File, error) { return s.Picture(r.Context(), Logo) })
	file("/brand/cover", "The cover picture", func(r *http.Request, _ auth.Actor) (File, error) { return s.Picture(r.Context(), Cover) })
	for path, form := range map[string]string{"/brand/" + Icon192: Icon192, "/brand/" + Icon512: Icon512, "/brand/" + IconMask: IconMask, "/favicon.ico": Favicon} {
		file(path, "The icon", func(r *http.Request, _ auth.Actor) (File, error) { return s.IconFile(r.Context(), form) })
	}
	api.Handle(http.MethodGet, "/manifest.webmanifest", auth.Public, "What a device needs to install the portal", func(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
		f, err := s.ManifestFile(r.Context(), actor)
		serve(api, w, r, f, err)
	})
}

// serve answers a file. Under the address of its own version it may be kept for
// good; otherwise browsers ask each time whether it is still the same.
func serve(api *web.API, w http.ResponseWriter, r *http.Request, f File, err error) {
	if err != nil {
		web.WriteProblem(w, r, err, api.Words, api.Log)
		return
	}
	h, version := w.Header(), strconv.FormatInt(f.Version, 10)
	h.Set("Content-Type", f.Type)
	h.Set("ETag", `"brand-`+version+f.Language+`"`)
	h.Set("Cache-Control", "no-cache")
	switch {
	case f.Language != "":
		h.Set("Vary", "Accept-Language, Cookie")
	case r.URL.Query().Get("v") == version:
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // opened by itself it can do nothing
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Bytes))
}
