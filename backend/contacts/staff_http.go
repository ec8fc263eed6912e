package contacts

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type (
	// ContactPath names a contact. What requests embed is exported: huma reads nothing else.
	ContactPath struct {
		ID string `path:"id" maxLength:"64" doc:"Contact id"`
	}
	contactOut struct{ Body ContactBody }
	// ListQuery narrows a list of contacts.
	ListQuery struct {
		Search string   `query:"search" maxLength:"200" doc:"Words; beginnings of words, or fragments of three letters and more"`
		Tag    []string `query:"tag,explode" doc:"Only contacts that carry all of these tags"`
		State  string   `query:"state" enum:"active,archived,all" default:"active"`
		Sort   string   `query:"sort" doc:"name, created or updated; with a - in front from the end" default:"name"`
	}
	listIn struct {
		ListQuery
		Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
		Cursor string `query:"cursor" maxLength:"1000" doc:"next_cursor of the page before"`
		Offset int    `query:"offset" minimum:"0" doc:"Skip so many rows instead: for jumping in a long list"`
	}
	listOut struct{ Body ContactPage }
)

func (q ListQuery) filter() Filter {
	return Filter{Search: q.Search, Tags: q.Tag, State: State(q.State), Sort: q.Sort}
}

// RegisterStaff adds the operations of this room for staff.
func RegisterStaff(api *web.API, s *Service) {
	registerContacts(api, s)
	registerMoves(api, s)
	registerPhotos(api, s)
	registerNotes(api, s)
	registerTags(api, s)
	registerViews(api, s)
}

func registerContacts(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/contacts", ID: "create-contact", Status: http.StatusCreated, Policy: auth.StaffOnly,
		Summary: "Add a contact", Description: "Needs a name or an email address. An address that another contact has is refused with 409 and names that contact."},
		func(ctx context.Context, actor auth.Actor, in *struct{ Body NewContact }) (*contactOut, error) {
			c, err := s.Create(ctx, actor, in.Body.contact())
			return s.told(ctx, c, err)
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/contacts", ID: "list-contacts", Policy: auth.StaffOnly,
		Summary: "List or search contacts", Description: "Pages by cursor. When nothing matches the words as typed, one-letter typos are forgiven and `corrected` says what was searched for."},
		func(ctx context.Context, actor auth.Actor, in *listIn) (*listOut, error) {
			page, err := s.List(ctx, actor, in.filter(), in.Cursor, in.Offset, in.Limit)
			if err != nil {
				return nil, err
			}
			return s.pageOut(ctx, page)
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/contacts/count", ID: "count-contacts", Policy: auth.StaffOnly,
		Summary: "Count contacts", Description: "How many contacts the same filter of the list shows."},
		func(ctx context.Context, actor auth.Actor, in *ListQuery) (*struct {
			Body struct {
				Count int64 `json:"count"`
			}
		}, error) {
			n, err := s.Count(ctx, actor, in.filter())
			out := &struct {
				Body struct {
					Count int64 `json:"count"`
				}
			}{}
			out.Body.Count = n
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/contacts/ids", ID: "list-contact-ids", Policy: auth.StaffOnly,
		Summary: "Ids of everything a filter shows", Description: "For choosing all that match; in order of name, at most the limit."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ListQuery
			Limit int `query:"limit" minimum:"1" maximum:"100000" default:"100000"`
		}) (*struct {
			Body struct {
				IDs []string `json:"ids"`
			}
		}, error) {
			ids, err := s.IDs(ctx, actor, in.filter(), in.Limit)
			out := &struct {
				Body struct {
					IDs []string `json:"ids"`
				}
			}{}
			out.Body.IDs = ids
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/contacts/{id}", ID: "get-contact", Policy: auth.StaffOnly,
		Summary: "One contact", Description: "Everything about a contact; archived ones too."},
		func(ctx context.Context, actor auth.Actor, in *ContactPath) (*contactOut, error) {
			c, err := s.Get(ctx, actor, in.ID)
			return s.told(ctx, c, err)
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: "/api/staff/contacts/{id}", ID: "update-contact", Policy: auth.StaffOnly,
		Summary: "Change a contact", Description: "Changes the fields that are sent. A new first email address signs the contact out everywhere and ends links to the old one."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ContactPath
			Body ContactPatch
		}) (*contactOut, error) {
			c, err := s.Update(ctx, actor, in.ID, in.Body.patch())
			return s.told(ctx, c, err)
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: "/api/staff/contacts/{id}", ID: "delete-contact", Policy: auth.StaffOnly,
		Summary: "Delete a contact", Description: "Takes the contact and their access away; it can be restored for 30 days."},
		func(ctx context.Context, actor auth.Actor, in *ContactPath) (*struct{}, error) {
			return nil, s.Delete(ctx, actor, in.ID)
		})
}

func registerMoves(api *web.API, s *Service) {
	for _, m := range []struct {
		path, id, summary, description string
		do                             func(context.Context, auth.Actor, string) error
	}{
		{"restore", "restore-contact", "Restore a deleted contact", "Undoes a deletion within 30 days. Access to the portal is not given back by itself.", s.Restore},
		{"archive", "archive-contact", "Archive a contact", "Takes the contact out of the list; everything is kept and they can still sign in.", s.Archive},
		{"unarchive", "unarchive-contact", "Bring an archived contact back", "Shows the contact in the list again.", s.Unarchive},
	} {
		web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/contacts/{id}/" + m.path, ID: m.id, Policy: auth.StaffOnly, Summary: m.summary, Description: m.description},
			func(ctx context.Context, actor auth.Actor, in *ContactPath) (*contactOut, error) {
				if err := m.do(ctx, actor, in.ID); err != nil {
					return nil, err
				}
				c, err := s.Get(ctx, actor, in.ID)
				return s.told(ctx, c, err)
			})
	}
	web.Register(api, web.Op{Method: http.MethodPost, Path: "/api/staff/contacts/bulk", ID: "change-contacts", Policy: auth.StaffOnly,
		Summary: "Do one thing to many contacts", Description: "Answers for each contact whether it was done, skipped or failed, and why."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				ContactIDs []string `json:"contact_ids" minItems:"1" maxItems:"500"`
				Action     string   `json:"action" enum:"add_tag,remove_tag,archive,unarchive,delete,restore"`
				Tag        string   `json:"tag,omitempty"`
			}
		}) (*resultsOut, error) {
			results, err := s.Bulk(ctx, actor, in.Body.ContactIDs, in.Body.Action, in.Body.Tag)
			for i, r := range results {
				if r.Why != nil {
					results[i].Reason = api.Tell(actor, r.Why)
				}
			}
			out := &resultsOut{}
			out.Body.Results = results
			return out, err
		})
}

type resultsOut struct {
	Body struct {
		Results []Result `json:"results"`
	}
}

func (s *Service) told(ctx context.Context, c Contact, err error) (*contactOut, error) {
	if err != nil {
		return nil, err
	}
	portals, err := s.Access.PortalOf(ctx, s.DB.Read(), []string{c.ID})
	if err != nil {
		return nil, err
	}
	return &contactOut{bodyOf(c, portals[c.ID])}, nil
}

func (s *Service) pageOut(ctx context.Context, page Page) (*listOut, error) {
	ids := make([]string, len(page.Items))
	for i, c := range page.Items {
		ids[i] = c.ID
	}
	portals, err := s.Access.PortalOf(ctx, s.DB.Read(), ids)
	if err != nil {
		return nil, err
	}
	out := &listOut{}
	out.Body.Items = make([]ContactBody, len(page.Items))
	for i, c := range page.Items {
		out.Body.Items[i] = bodyOf(c, portals[c.ID])
	}
	out.Body.Next, out.Body.Corrected = optional(page.Next), optional(page.Corrected)
	return out, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func registerPhotos(api *web.API, s *Service) {
	const path = "/api/staff/contacts/{id}/photo"
	web.Register(api, web.Op{Method: http.MethodPut, Path: path, ID: "set-photo", Policy: auth.StaffOnly, MaxBody: MaxPhoto,
		Summary: "Set the photo of a contact", Description: "The body is a PNG, JPEG, GIF or WebP image. It is cut square, made small and stripped of where it was taken."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ContactPath
			RawBody []byte `contentType:"image/*"`
		}) (*contactOut, error) {
			c, err := s.SetPhoto(ctx, actor, in.ID, in.RawBody)
			return s.told(ctx, c, err)
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path, ID: "remove-photo", Policy: auth.StaffOnly, Status: http.StatusOK,
		Summary: "Remove the photo of a contact", Description: "The initials are shown again."},
		func(ctx context.Context, actor auth.Actor, in *ContactPath) (*contactOut, error) {
			c, err := s.RemovePhoto(ctx, actor, in.ID)
			return s.told(ctx, c, err)
		})
	api.Handle(http.MethodGet, path, auth.StaffOnly, "The photo of a contact", func(w http.ResponseWriter, r *http.Request, actor auth.Actor) {
		f, err := s.Photo(r.Context(), actor, r.PathValue("id"))
		servePhoto(api, w, r, f, err)
	})
}
