package chat

import (
	"context"
	"net/http"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/web"
)

// ClientConversation is a conversation as a client sees it.
type ClientConversation struct {
	ID          string         `json:"id"`
	Kind        string         `json:"kind" enum:"direct,group,broadcast"`
	Title       string         `json:"title" doc:"Empty for the conversation with the business"`
	LastSeq     int64          `json:"last_seq"`
	Rev         int64          `json:"rev"`
	LastAt      time.Time      `json:"last_at"`
	Unread      int64          `json:"unread"`
	Read        int64          `json:"read" doc:"How far you have read"`
	MayWrite    bool           `json:"may_write"`
	LastMessage *ClientMessage `json:"last_message"`
}

// ClientConversationWhole is one with the people in it.
type ClientConversationWhole struct {
	ClientConversation
	Members []ClientMember     `json:"members" doc:"Of a group; otherwise only you"`
	Marks   []ConversationMark `json:"marks" doc:"How far the others have come"`
}

// ClientMember is somebody in the same group.
type ClientMember struct {
	ContactID string `json:"contact_id"`
	Name      string `json:"name"`
}

func clientConversation(c Conversation) ClientConversation {
	out := ClientConversation{ID: c.ID, Kind: string(c.Kind), Title: c.Title, LastSeq: c.LastSeq, Rev: c.Rev, LastAt: c.LastAt,
		Unread: c.unread(c.Mark.Read), Read: c.Mark.Read, MayWrite: c.Kind != Broadcast}
	if c.Last != nil {
		last := clientMessage(*c.Last)
		out.LastMessage = &last
	}
	return out
}

// ConversationPath is one conversation.
type ConversationPath struct {
	ID string `path:"id" maxLength:"64"`
}

// MessagePath is one message.
type MessagePath struct {
	ConversationPath
	MessageID string `path:"message_id" maxLength:"64"`
}

// MessagesIn is which messages are wanted.
type MessagesIn struct {
	ConversationPath
	After   int64 `query:"after" default:"-1" minimum:"-1" doc:"Those after this seq, in order"`
	Before  int64 `query:"before" default:"-1" minimum:"-1" doc:"The newest before this seq"`
	Changes int64 `query:"changes" default:"-1" minimum:"-1" doc:"Those new or changed since this rev, in order of rev"`
	Limit   int   `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

func (in MessagesIn) look() Look {
	asked := func(n *int64) *int64 {
		if *n < 0 {
			return nil
		}
		return n
	}
	return Look{asked(&in.After), asked(&in.Before), asked(&in.Changes), in.Limit}
}

// NewMessage is a message to be sent.
type NewMessage struct {
	ClientMsgID string   `json:"client_msg_id" doc:"An id of your own, 1 to 64 plain characters: sending it twice makes one message"`
	Text        string   `json:"text,omitempty" doc:"May be missing when there are attachments"`
	ReplyTo     string   `json:"reply_to,omitempty" doc:"Id of the message it answers"`
	Attachments []string `json:"attachments,omitempty" maxItems:"10" doc:"Ids of your uploads"`
}

func (n NewMessage) draft() Draft {
	return Draft{n.ClientMsgID, n.Text, n.ReplyTo, n.Attachments}
}

// MarksIn is how far a reader has come.
type MarksIn struct {
	Read      int64 `json:"read,omitempty" minimum:"0"`
	Delivered int64 `json:"delivered,omitempty" minimum:"0"`
}

type clientMessagesOut struct {
	Body struct {
		Items   []ClientMessage `json:"items"`
		LastSeq int64           `json:"last_seq" doc:"Of the conversation"`
		Rev     int64           `json:"rev" doc:"What to ask changes since, next time"`
		More    bool            `json:"more"`
	}
}

type clientMessageOut struct {
	Status int
	Body   ClientMessage
}

// RegisterPortal adds the operations of this room for clients.
func RegisterPortal(api *web.API, s *Service) {
	const conversations = "/api/portal/chat/conversations"
	web.Register(api, web.Op{Method: http.MethodGet, Path: conversations, ID: "list-conversations", Policy: auth.ClientOnly,
		Summary: "Your conversations", Description: "What you take part in, the newest first; the conversation with the business is always among them."},
		func(ctx context.Context, actor auth.Actor, _ *struct{}) (*struct {
			Body struct {
				Items []ClientConversation `json:"items"`
				Next  *string              `json:"next_cursor"`
			}
		}, error) {
			list, err := s.Own(ctx, actor)
			out := &struct {
				Body struct {
					Items []ClientConversation `json:"items"`
					Next  *string              `json:"next_cursor"`
				}
			}{}
			for _, c := range list {
				out.Body.Items = append(out.Body.Items, clientConversation(c))
			}
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodGet, Path: conversations + "/{id}", ID: "get-conversation", Policy: auth.ClientOnly,
		Summary: "One conversation", Description: "With who takes part and how far they have read."},
		func(ctx context.Context, actor auth.Actor, in *ConversationPath) (*struct{ Body ClientConversationWhole }, error) {
			c, members, marks, err := s.whole(ctx, actor, in.ID)
			if err != nil {
				return nil, err
			}
			out := &struct{ Body ClientConversationWhole }{ClientConversationWhole{ClientConversation: clientConversation(c), Marks: markBodies(marks)}}
			for _, p := range members {
				out.Body.Members = append(out.Body.Members, ClientMember{p.ID, p.Name})
			}
			return out, nil
		})
	registerClientMessages(api, s, conversations+"/{id}")
	registerPreferences(api, s)
	registerUploads(api, s, "/api/portal/chat/uploads", auth.ClientOnly)
	registerDownloads(api, s, conversations+"/{id}/attachments/{attachment_id}", auth.ClientOnly)
}

func registerClientMessages(api *web.API, s *Service, path string) {
	web.Register(api, web.Op{Method: http.MethodGet, Path: path + "/messages", ID: "list-messages", Policy: auth.ClientOnly,
		Summary: "Messages of a conversation", Description: "The newest, or those after or before a seq, or those changed since a rev."},
		func(ctx context.Context, actor auth.Actor, in *MessagesIn) (*clientMessagesOut, error) {
			list, err := s.Read(ctx, actor, in.ID, in.look())
			out := &clientMessagesOut{}
			for _, m := range list.Items {
				out.Body.Items = append(out.Body.Items, clientMessage(m))
			}
			out.Body.LastSeq, out.Body.Rev, out.Body.More = list.LastSeq, list.Rev, list.More
			return out, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/messages", ID: "post-message", Policy: auth.ClientOnly, Status: http.StatusCreated,
		Summary: "Send a message", Description: "Answers 201 when the message is durable. The same client_msg_id again answers 200 with the message that it became."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body NewMessage
		}) (*clientMessageOut, error) {
			m, fresh, err := s.Post(ctx, actor, in.ID, in.Body.draft())
			return &clientMessageOut{status(fresh), clientMessage(m)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPatch, Path: path + "/messages/{message_id}", ID: "edit-message", Policy: auth.ClientOnly,
		Summary: "Change your message", Description: "Everybody sees that it was changed."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			MessagePath
			Body struct {
				Text string `json:"text"`
			}
		}) (*clientMessageOut, error) {
			m, err := s.Edit(ctx, actor, in.ID, in.MessageID, in.Body.Text)
			return &clientMessageOut{http.StatusOK, clientMessage(m)}, err
		})
	web.Register(api, web.Op{Method: http.MethodDelete, Path: path + "/messages/{message_id}", ID: "delete-message", Policy: auth.ClientOnly, Status: http.StatusOK,
		Summary: "Take your message back", Description: "Its place stays, its text goes."},
		func(ctx context.Context, actor auth.Actor, in *MessagePath) (*clientMessageOut, error) {
			m, err := s.Delete(ctx, actor, in.ID, in.MessageID)
			return &clientMessageOut{http.StatusOK, clientMessage(m)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPut, Path: path + "/messages/{message_id}/reaction", ID: "react-to-message", Policy: auth.ClientOnly,
		Summary: "React to a message", Description: "One emoji for each person and message; an empty one takes it back."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			MessagePath
			Body struct {
				Emoji string `json:"emoji" maxLength:"40"`
			}
		}) (*clientMessageOut, error) {
			m, err := s.React(ctx, actor, in.ID, in.MessageID, in.Body.Emoji)
			return &clientMessageOut{http.StatusOK, clientMessage(m)}, err
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/marks", ID: "mark-conversation", Policy: auth.ClientOnly, Status: http.StatusNoContent,
		Summary: "Say how far you have read", Description: "Marks only move forward. Over the socket the same is a frame."},
		func(ctx context.Context, actor auth.Actor, in *struct {
			ConversationPath
			Body MarksIn
		}) (*struct{}, error) {
			return nil, s.Mark(ctx, actor, in.ID, in.Body.Read, in.Body.Delivered)
		})
	web.Register(api, web.Op{Method: http.MethodPost, Path: path + "/typing", ID: "type-in-conversation", Policy: auth.ClientOnly, Status: http.StatusNoContent,
		Summary: "Say that you are writing", Description: "Nothing is kept. Over the socket the same is a frame."},
		func(ctx context.Context, actor auth.Actor, in *ConversationPath) (*struct{}, error) {
			return nil, s.Type(ctx, actor, in.ID)
		})
}

func status(fresh bool) int {
	if fresh {
		return http.StatusCreated
	}
	return http.StatusOK
}
