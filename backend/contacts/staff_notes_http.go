package contacts

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type (
	// NotePath names a note of a contact.
	NotePath struct {
		ContactPath
		NoteID string `path:"note_id" maxLength:"64"`
	}
	noteText struct {
		Text string `json:"text"`
	}
	noteOut  struct{ Body NoteBody }
	notesOut struct {
		Body struct {
			Items []NoteBody `json:"items"`
			Next  *string    `json:"next_cursor"`
		}
	}
)

func registerNotes(api *web.API, s *Service) {
	const path, one = "/api/staff/contacts/{id}/notes", "/api/staff/contacts/{id}/notes/{note_id}"
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "list-notes", Policy: auth.StaffOnly,
		Summary: "Notes about a contact", Description: "Newest first. Clients never see notes."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ContactPath
			Cursor string `query:"cursor" maxLength:"64"`
			Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		}) (*notesOut, error) {
			notes, err := s.Notes(ctx, actor, in.ID, in.Cursor, in.Limit+1)
			if err != nil {
				return nil, err
			}
			out := &notesOut{}
			if len(notes) > in.Limit {
				notes = notes[:in.Limit]
				out.Body.Next = optional(notes[in.Limit-1].ID)
			}
			for _, n := range notes {
				out.Body.Items = append(out.Body.Items, noteBody(n))
			}
			return out, nil
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "add-note", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Write a note", Description: "Kept with who wrote it and when."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ContactPath
			Body noteText
		}) (*noteOut, error) {
			n, err := s.AddNote(ctx, actor, in.ID, in.Body.Text)
			return &noteOut{noteBody(n)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: one, ID: "change-note", Policy: auth.StaffOnly,
		Summary: "Rewrite a note", Description: "Replaces the text."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			NotePath
			Body noteText
		}) (*noteOut, error) {
			n, err := s.ChangeNote(ctx, actor, in.ID, in.NoteID, in.Body.Text)
			return &noteOut{noteBody(n)}, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: one, ID: "delete-note", Policy: auth.StaffOnly,
		Summary: "Delete a note", Description: "It can be restored."},
		func(ctx context.Context, actor auth.Actor, in *NotePath) (*struct{}, error) {
			return nil, s.DeleteNote(ctx, actor, in.ID, in.NoteID)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: one + "/restore", ID: "restore-note", Policy: auth.StaffOnly,
		Summary: "Restore a deleted note", Description: "Undoes the deletion."},
		func(ctx context.Context, actor auth.Actor, in *NotePath) (*noteOut, error) {
			n, err := s.RestoreNote(ctx, actor, in.ID, in.NoteID)
			return &noteOut{noteBody(n)}, err
		})
}
