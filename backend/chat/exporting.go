package chat

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/db"
)

// Export is a conversation as a file.
type Export struct {
	Name   string
	Type   string // MIME
	SHA256 string // of the record that it shows
	Bytes  []byte
}

// The formats of an export.
const (
	ExportHTML = "html"
	ExportPDF  = "pdf"
)

// Export writes a conversation as one file that needs no other, and notes that in
// the audit log. Internal notes are not in it. Staff only.
func (s *Service) Export(ctx context.Context, actor auth.Actor, conversationID, format string) (Export, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Export{}, err
	}
	r, err := s.record(ctx, actor, conversationID)
	if err != nil {
		return Export{}, err
	}
	out := Export{Name: "conversation-" + r.Made.In(r.Zone).Format("2006-01-02") + "." + format, SHA256: r.SHA256}
	say := func(key string, params map[string]any) string {
		text, _ := s.Words(actor.Language, key, params)
		return text
	}
	if format == ExportPDF {
		out.Type = "application/pdf"
		out.Bytes, err = r.pdf(say, s.thumbnail)
	} else {
		out.Type = "text/html; charset=utf-8"
		out.Bytes, err = r.html(actor.Language, say, s.thumbnail)
	}
	if err != nil {
		return Export{}, fmt.Errorf("exporting %s: %w", conversationID, err)
	}
	return out, s.DB.Write(ctx, func(tx *db.Tx) error {
		return tx.Audit(db.AuditEntry{Actor: actor, Action: "chat.export", Subject: conversationID,
			Detail: map[string]any{"format": format, "messages": len(r.Messages), "sha256": r.SHA256}})
	})
}

// record reads all of a conversation.
func (s *Service) record(ctx context.Context, actor auth.Actor, conversationID string) (*record, error) {
	c, err := s.Get(ctx, actor, conversationID)
	if err != nil {
		return nil, err
	}
	kept, err := s.settings(ctx)
	if err != nil {
		return nil, err
	}
	r := &record{ConversationID: conversationID, Title: c.Title, Made: s.DB.Clock().Now()}
	r.Zone, _ = zoneNamed(kept.TimeZone)
	if c.Kind == Direct {
		p, err := s.person(ctx, s.DB.Read(), c.ContactID)
		if err != nil {
			return nil, err
		}
		r.Title = p.Name
	}
	const page = 500
	for after := int64(0); ; {
		list, err := messages(ctx, s.DB.Read(), conversationID, look{after: after, changes: -1, limit: page})
		if err == nil {
			err = s.withFiles(ctx, s.DB.Read(), conversationID, list)
		}
		if err != nil {
			return nil, fmt.Errorf("exporting %s: %w", conversationID, err)
		}
		r.Messages = append(r.Messages, list...)
		if len(list) < page {
			return r, r.seal()
		}
		after = list[len(list)-1].Seq
	}
}

// maxThumb bounds what is shown of a picture in an export, in bytes.
const maxThumb = 2 << 20

// thumbnail is what is shown of a picture; nil when it is no picture or gone.
func (s *Service) thumbnail(f File) []byte {
	if f.Thumb == "" {
		return nil
	}
	r, size, _, err := s.Blobs.Open(f.Thumb)
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }()
	if size > maxThumb {
		return nil
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return raw
}

// dataURL is a picture written into a page.
func dataURL(kind string, raw []byte) string {
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(raw)
}
