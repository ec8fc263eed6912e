package backend

import (
	"context"
	"net/http"

	"portico/backend/branding"
	"portico/backend/chat"
	"portico/backend/kernel/audit"
	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/web"
)

// Checked is one finding of Verify.
type Checked struct {
	Key  string `json:"key" enum:"store,audit,files"`
	OK   bool   `json:"ok"`
	What string `json:"what"`
}

// verify checks the integrity of everything in the data directory: the store's
// pages and references, the chain of the audit log, and that every file that a
// row names is there.
func (b *Backend) verify(ctx context.Context, language string) []Checked {
	tell := func(key string, err error) Checked {
		if err != nil {
			return Checked{key, false, web.ProblemOf(err, language, b.words.Text).Detail}
		}
		text, _ := b.words.Text(language, "verify."+key, nil)
		return Checked{key, true, text}
	}
	_, chain := audit.Verify(ctx, b.db.Read())
	return []Checked{tell("store", b.db.Verify(ctx)), tell("audit", chain), tell("files", b.verifyFiles(ctx))}
}

func (b *Backend) verifyFiles(ctx context.Context) error {
	missing := fault.New(fault.Internal, "verify.file_missing", "A picture is missing or cannot be read. Restore it from a backup, or set it again.")
	photos, err := b.contacts.Photos(ctx)
	if err != nil {
		return err
	}
	for _, id := range photos {
		f, _, _, err := b.blobs.Open(id)
		if err != nil {
			return missing.Because(err)
		}
		_ = f.Close()
	}
	if err := b.chat.EachFile(ctx, func(a chat.Attachment) error {
		f, size, _, err := b.blobs.Open(a.Blob)
		if err == nil {
			_ = f.Close()
			if size == a.Size {
				return nil
			}
		}
		return missing.Because(err)
	}); err != nil {
		return err
	}
	brand, err := b.branding.Current(ctx, b.db.Read())
	if err != nil {
		return err
	}
	for _, kind := range []branding.Kind{branding.Logo, branding.Icon, branding.Cover} {
		if !brand.Has(kind) {
			continue
		}
		if _, err := b.branding.Picture(ctx, kind); err != nil {
			return missing.Because(err)
		}
	}
	return nil
}

func (b *Backend) registerVerify(api *web.API) {
	type out struct {
		Body struct {
			OK    bool      `json:"ok"`
			Items []Checked `json:"items"`
		}
	}
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/verify", ID: "verify", Policy: auth.StaffOnly,
		Summary: "Check the integrity of all data", Description: "The store's pages and references, the chain of the audit log, and the files that rows name."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*out, error) {
			o := &out{}
			o.Body.OK, o.Body.Items = true, b.verify(ctx, actor.Language)
			for _, c := range o.Body.Items {
				o.Body.OK = o.Body.OK && c.OK
			}
			return o, nil
		})
}
