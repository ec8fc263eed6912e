package chat

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// UploadBody is a file on its way.
type UploadBody struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size" doc:"Bytes in all"`
	Offset int64  `json:"offset" doc:"Bytes that have arrived; send the next from here"`
	Chunk  int64  `json:"chunk" doc:"The most that is taken at once"`
	Done   bool   `json:"done"`
}

type uploadOut struct{ Body UploadBody }

func toUpload(u Upload) *uploadOut {
	return &uploadOut{UploadBody{u.ID, u.Name, u.Size, u.Offset, Chunk, u.Done}}
}

// UploadPath is one upload.
type UploadPath struct {
	UploadID string `path:"upload_id" maxLength:"64"`
}

// registerUploads adds how files come in, for one of the two audiences.
func registerUploads(api *web.API, s *Service, path string, policy auth.Policy) {
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "begin-upload", Policy: policy, Status: http.StatusCreated,
		Summary: "Announce a file", Description: "Send its bytes in parts then, and its id with a message."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Name string `json:"name"`
				Size int64  `json:"size" doc:"Bytes"`
			}
		}) (*uploadOut, error) {
			u, err := s.BeginUpload(ctx, actor, in.Body.Name, in.Body.Size)
			return toUpload(u), err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/{upload_id}", ID: "get-upload", Policy: policy,
		Summary: "How far an upload has come", Description: "Ask this after a broken connection and go on from the offset."},
		func(ctx context.Context, actor auth.Actor, in *UploadPath) (*uploadOut, error) {
			u, err := s.Uploaded(ctx, actor, in.UploadID)
			return toUpload(u), err
		})
	// A body as large as its limit counts as too large: the limit lies one byte above a whole chunk.
	web.Register(api, web.Op{Method: http.MethodPatch, Path: path + "/{upload_id}", ID: "continue-upload", Policy: policy, MaxBody: Chunk + 1, Status: http.StatusOK,
		Summary: "Send the next part of a file", Description: "The body is the bytes from the offset on, at most a chunk. At another offset than the file's it is refused with 409 and names the right one."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			UploadPath
			Offset  int64  `query:"offset" required:"true" minimum:"0"`
			RawBody []byte `contentType:"application/octet-stream"`
		}) (*uploadOut, error) {
			u, err := s.Continue(ctx, actor, in.UploadID, in.Offset, bytes.NewReader(in.RawBody))
			return toUpload(u), err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/{upload_id}", ID: "cancel-upload", Policy: policy,
		Summary: "Cancel an upload", Description: "What has arrived is removed."},
		func(ctx context.Context, actor auth.Actor, in *UploadPath) (*struct{}, error) {
			return nil, s.CancelUpload(ctx, actor, in.UploadID)
		})
}

// registerDownloads adds how files go out. Browsers save the original; what is
// shown of a picture was drawn by us.
func registerDownloads(api *web.API, s *Service, path string, policy auth.Policy) {
	serve := func(thumb bool) func(http.ResponseWriter, *http.Request, auth.Actor) {
		return func(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
			a, f, err := s.Attachment(r.Context(), actor, r.PathValue("id"), r.PathValue("attachment_id"), thumb)
			if err != nil {
				web.WriteProblem(w, r, err, api.Words, api.Log)
				return
			}
			defer func() { _ = f.Close() }()
			h := w.Header()
			h.Set("Cache-Control", "private, max-age=31536000, immutable")
			h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
			if !thumb { // a thumbnail's type is told by its first bytes: both kinds were encoded by us
				h.Set("Content-Type", a.Type)
				h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
			}
			http.ServeContent(w, r, "", time.Time{}, f)
		}
	}
	api.Handle(http.MethodGet, path, policy, "A file of a message, to be saved", serve(false))
	api.Handle(http.MethodGet, path+"/thumb", policy, "What is shown of a picture", serve(true))
}

// ContactFile is a file on a contact's page.
type ContactFile struct {
	FileBody
	ConversationID string    `json:"conversation_id"`
	Seq            int64     `json:"seq"`
	From           string    `json:"from" enum:"client,staff"`
	CreatedAt      time.Time `json:"created_at"`
}

func registerFiles(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/chat/files", ID: "list-files", Policy: auth.StaffOnly,
		Summary: "Files of a contact", Description: "What they sent in any conversation and what was sent to them alone, the newest first."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ContactID string `query:"contact_id" required:"true" maxLength:"64"`
			Cursor    string `query:"cursor" maxLength:"64"`
			Limit     int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
		}) (*struct {
			Body struct {
				Items []ContactFile `json:"items"`
				Next  *string       `json:"next_cursor"`
			}
		}, error) {
			list, next, err := s.Files(ctx, actor, in.ContactID, in.Cursor, in.Limit)
			out := &struct {
				Body struct {
					Items []ContactFile `json:"items"`
					Next  *string       `json:"next_cursor"`
				}
			}{}
			for _, a := range list {
				from := "client"
				if a.AuthorID == "" {
					from = "staff"
				}
				out.Body.Items = append(out.Body.Items, ContactFile{fileBody(a, staffConversations+"/"), a.ConversationID, a.Seq, from, a.Created})
			}
			if next != "" {
				out.Body.Next = &next
			}
			return out, err
		})
}
