package contacts

import (
	"context"
	"net/http"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

type (
	// IDPath names a tag or a view.
	IDPath struct {
		ID string `path:"id" maxLength:"64"`
	}
	tagsOut struct {
		Body struct {
			Items []TagBody `json:"items"`
			Next  *string   `json:"next_cursor"`
		}
	}
	viewOut  struct{ Body ViewBody }
	viewsOut struct {
		Body struct {
			Items []ViewBody `json:"items"`
			Next  *string    `json:"next_cursor"`
		}
	}
)

func registerTags(api *web.API, s *Service) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: "/api/staff/tags", ID: "list-tags", Policy: auth.StaffOnly,
		Summary: "All tags", Description: "By name, with how many contacts carry each. A tag is made by putting it on a contact."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*tagsOut, error) {
			tags, err := s.Tags(ctx, actor)
			out := &tagsOut{}
			for _, t := range tags {
				out.Body.Items = append(out.Body.Items, tagBody(t))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: "/api/staff/tags/{id}", ID: "change-tag", Policy: auth.StaffOnly,
		Summary: "Rename or recolour a tag", Description: "Everybody who carries the tag is shown with it as it is now."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			IDPath
			Body struct {
				Name  string `json:"name,omitempty"`
				Color string `json:"color,omitempty"`
			}
		}) (*struct{ Body TagBody }, error) {
			t, err := s.ChangeTag(ctx, actor, in.ID, in.Body.Name, in.Body.Color)
			return &struct{ Body TagBody }{tagBody(t)}, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: "/api/staff/tags/{id}", ID: "delete-tag", Policy: auth.StaffOnly,
		Summary: "Delete a tag", Description: "Takes the tag off everybody; the contacts stay."},
		func(ctx context.Context, actor auth.Actor, in *IDPath) (*struct{}, error) {
			return nil, s.DeleteTag(ctx, actor, in.ID)
		})
}

func registerViews(api *web.API, s *Service) {
	const path = "/api/staff/views"
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "list-views", Policy: auth.StaffOnly,
		Summary: "Kept views of the list", Description: "Each is a filter, an order and the columns to show."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*viewsOut, error) {
			views, err := s.Views(ctx, actor)
			out := &viewsOut{}
			for _, v := range views {
				out.Body.Items = append(out.Body.Items, viewBody(v))
			}
			return out, err
		})
	save := func(ctx context.Context, actor auth.Actor, v View) (*viewOut, error) {
		v, err := s.SaveView(ctx, actor, v)
		return &viewOut{viewBody(v)}, err
	}
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "add-view", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Keep a view", Description: "Under a name of its own."},
		func(ctx context.Context, actor auth.Actor, in *struct{ Body ViewBody }) (*viewOut, error) {
			return save(ctx, actor, in.Body.view(""))
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path + "/{id}", ID: "change-view", Policy: auth.StaffOnly,
		Summary: "Change a kept view", Description: "Replaces it."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			IDPath
			Body ViewBody
		}) (*viewOut, error) {
			return save(ctx, actor, in.Body.view(in.ID))
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/{id}", ID: "delete-view", Policy: auth.StaffOnly,
		Summary: "Forget a kept view", Description: "The contacts stay."},
		func(ctx context.Context, actor auth.Actor, in *IDPath) (*struct{}, error) {
			return nil, s.DeleteView(ctx, actor, in.ID)
		})
}
