package chat

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// ReplyBody is a canned reply.
type ReplyBody struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text" doc:"With custom values such as {{contact.first_name}}"`
}

// ReplyPath is one canned reply.
type ReplyPath struct {
	ID string `path:"id" maxLength:"64"`
}

func registerReplies(api *web.API, s *Service) {
	type out struct{ Body ReplyBody }
	told := func(r Reply) *out { return &out{ReplyBody{r.ID, r.Title, r.Text}} }
	const path = "/api/staff/chat/replies"
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "list-replies", Policy: auth.StaffOnly,
		Summary: "Canned replies", Description: "In the order of their titles, as they were written: with custom values."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct {
			Body struct {
				Items []ReplyBody `json:"items"`
			}
		}, error) {
			list, err := s.Replies(ctx, actor)
			out := &struct {
				Body struct {
					Items []ReplyBody `json:"items"`
				}
			}{}
			for _, r := range list {
				out.Body.Items = append(out.Body.Items, told(r).Body)
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "add-reply", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Keep a canned reply", Description: "Refused while it mentions values that do not exist."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			Body struct {
				Title string `json:"title"`
				Text  string `json:"text"`
			}
		}) (*out, error) {
			r, err := s.AddReply(ctx, actor, in.Body.Title, in.Body.Text)
			return told(r), err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: path + "/{id}", ID: "update-reply", Policy: auth.StaffOnly,
		Summary: "Change a canned reply", Description: "What is absent stays as it is."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ReplyPath
			Body struct {
				Title *string `json:"title,omitempty"`
				Text  *string `json:"text,omitempty"`
			}
		}) (*out, error) {
			r, err := s.ChangeReply(ctx, actor, in.ID, in.Body.Title, in.Body.Text)
			return told(r), err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/{id}", ID: "delete-reply", Policy: auth.StaffOnly,
		Summary: "Delete a canned reply", Description: "What was sent with it stays."},
		func(ctx context.Context, actor auth.Actor, in *ReplyPath) (*struct{}, error) {
			return nil, s.DeleteReply(ctx, actor, in.ID)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/{id}/render", ID: "render-reply", Policy: auth.StaffOnly,
		Summary: "Fill in a canned reply", Description: "For a conversation, with what is known of its contact."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ReplyPath
			Body struct {
				ConversationID string `json:"conversation_id" maxLength:"64"`
			}
		}) (*struct {
			Body struct {
				Text string `json:"text"`
			}
		}, error) {
			out := &struct {
				Body struct {
					Text string `json:"text"`
				}
			}{}
			var err error
			out.Body.Text, err = s.RenderReply(ctx, actor, in.ID, in.Body.ConversationID)
			return out, err
		})
}

// ScheduledBody is a message that waits to be sent.
type ScheduledBody struct {
	ID          string    `json:"id"`
	ClientMsgID string    `json:"client_msg_id"`
	Text        string    `json:"text"`
	Author      string    `json:"author"`
	At          time.Time `json:"at"`
	CreatedAt   time.Time `json:"created_at"`
}

type scheduledOut struct {
	Status int
	Body   ScheduledBody
}

func scheduledBody(p Scheduled) ScheduledBody {
	return ScheduledBody{p.ID, p.ClientMsgID, p.Text, p.Author, p.At, p.Created}
}

// ScheduledPath is one message that waits to be sent.
type ScheduledPath struct {
	ConversationPath
	ScheduledID string `path:"scheduled_id" maxLength:"64"`
}

func registerScheduled(api *web.API, s *Service, path string) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: path, ID: "list-scheduled", Policy: auth.StaffOnly,
		Summary: "Messages that wait to be sent", Description: "In a conversation, the next first."},
		func(ctx context.Context, actor auth.Actor, in *ConversationPath) (*struct {
			Body struct {
				Items []ScheduledBody `json:"items"`
			}
		}, error) {
			list, err := s.ScheduledIn(ctx, actor, in.ID)
			out := &struct {
				Body struct {
					Items []ScheduledBody `json:"items"`
				}
			}{}
			for _, p := range list {
				out.Body.Items = append(out.Body.Items, scheduledBody(p))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path, ID: "schedule-message", Policy: auth.StaffOnly, Status: http.StatusCreated,
		Summary: "Send a message later", Description: "At a time, also when the dashboard is closed by then. The same client_msg_id again answers 200 with what it made."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body struct {
				ClientMsgID string    `json:"client_msg_id" doc:"An id of your own, 1 to 64 plain characters"`
				Text        string    `json:"text"`
				At          time.Time `json:"at"`
			}
		}) (*scheduledOut, error) {
			p, fresh, err := s.Schedule(ctx, actor, in.ID, Draft{ClientMsgID: in.Body.ClientMsgID, Text: in.Body.Text}, in.Body.At)
			return &scheduledOut{status(fresh), scheduledBody(p)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: path + "/{scheduled_id}", ID: "reschedule-message", Policy: auth.StaffOnly,
		Summary: "Change a message that waits", Description: "Its text or its time."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ScheduledPath
			Body struct {
				Text *string    `json:"text,omitempty"`
				At   *time.Time `json:"at,omitempty"`
			}
		}) (*scheduledOut, error) {
			p, err := s.Reschedule(ctx, actor, in.ID, in.ScheduledID, in.Body.Text, in.Body.At)
			return &scheduledOut{http.StatusOK, scheduledBody(p)}, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/{scheduled_id}", ID: "cancel-scheduled", Policy: auth.StaffOnly,
		Summary: "Take back a message that waits", Description: "It is not sent."},
		func(ctx context.Context, actor auth.Actor, in *ScheduledPath) (*struct{}, error) {
			return nil, s.CancelScheduled(ctx, actor, in.ID, in.ScheduledID)
		})
}
