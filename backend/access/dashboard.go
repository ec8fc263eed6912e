package access

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
)

// Summary is the head of the portal dashboard.
type Summary struct {
	URL       string
	Counts    Counts
	MailReady bool
}

// Summary answers the address and the numbers of the portal. Staff only.
func (s *Service) Summary(ctx context.Context, actor auth.Actor) (Summary, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Summary{}, err
	}
	counts, err := countMembers(ctx, s.DB.Read())
	if err != nil {
		return Summary{}, fmt.Errorf("counting members: %w", err)
	}
	ready, err := s.Mail.Ready(ctx, s.DB.Read())
	return Summary{s.Address.Portal(), counts, ready}, err
}

// Standing is a line of the dashboard's lists.
type Standing struct {
	Member   Member
	Person   Person
	Delivery Delivery
	Expires  time.Time // of an open invitation
}

// maxFound bounds how many contacts a search on the dashboard looks at.
const maxFound = 200

// List answers the contacts of one of the dashboard's lists, newest first. Staff only.
func (s *Service) List(ctx context.Context, actor auth.Actor, list, search, cursor string, limit int) ([]Standing, string, error) {
	if err := actor.MustBeStaff(); err != nil {
		return nil, "", err
	}
	if _, ok := lists[list]; !ok {
		return nil, "", fault.InvalidField("list", "access.list", "Choose one of the lists offered.")
	}
	at, id, err := readCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	var ids []string
	if strings.TrimSpace(search) != "" {
		if ids, err = s.People.Search(ctx, actor, search, maxFound); err != nil || len(ids) == 0 {
			return nil, "", err
		}
	}
	members, err := listMembers(ctx, s.DB.Read(), list, ids, at, id, limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("listing members: %w", err)
	}
	next := ""
	if len(members) > limit {
		members = members[:limit]
		last := members[limit-1]
		next = writeCursor(orderOf(list, last), last.ContactID)
	}
	out, err := s.standings(ctx, actor.Language, members)
	return out, next, err
}

func orderOf(list string, m Member) time.Time {
	switch list {
	case "joined":
		return m.Joined
	case "suspended":
		return m.Suspended
	}
	return m.Invited
}

func (s *Service) standings(ctx context.Context, language string, members []Member) ([]Standing, error) {
	contactIDs, mailIDs := make([]string, 0, len(members)), []string{}
	for _, m := range members {
		contactIDs = append(contactIDs, m.ContactID)
		if m.InviteMail != "" {
			mailIDs = append(mailIDs, m.InviteMail)
		}
	}
	people, err := s.People.Persons(ctx, s.DB.Read(), contactIDs)
	if err != nil {
		return nil, err
	}
	deliveries, err := s.Mail.Deliveries(ctx, s.DB.Read(), language, mailIDs)
	if err != nil {
		return nil, err
	}
	out := []Standing{}
	for _, m := range members {
		if p, ok := people[m.ContactID]; ok {
			st := Standing{Member: m, Person: p, Delivery: deliveries[m.InviteMail]}
			if l, err := linkByID(ctx, s.DB.Read(), m.InviteLink); err == nil && l.State(s.DB.Clock().Now()) == "open" {
				st.Expires = l.Expires
			}
			out = append(out, st)
		}
	}
	return out, nil
}

// Detail is everything about one contact's access.
type Detail struct {
	Member   Member
	Refused  error // why they may not sign in, nil when they may
	Sessions []Session
	Links    []Link
}

// maxLinksShown is how many of a contact's latest links are shown.
const maxLinksShown = 50

// Detail answers sessions and links of a contact. Staff only.
func (s *Service) Detail(ctx context.Context, actor auth.Actor, contactID string) (Detail, error) {
	if err := actor.MustBeStaff(); err != nil {
		return Detail{}, err
	}
	q := s.DB.Read()
	_, exists, err := s.People.Person(ctx, q, contactID)
	if err != nil {
		return Detail{}, err
	}
	if !exists {
		return Detail{}, ErrNoContact
	}
	policy, err := settings.Get(ctx, q, policyKey)
	if err != nil {
		return Detail{}, err
	}
	var d Detail
	if d.Member, err = memberOf(ctx, q, contactID); err != nil {
		return Detail{}, err
	}
	d.Refused = MaySignIn(policy, d.Member, exists)
	if d.Sessions, err = s.running(ctx, contactID); err != nil {
		return Detail{}, err
	}
	d.Links, err = linksOf(ctx, q, contactID, maxLinksShown)
	return d, err
}

// InvitationPreview renders an invitation for somebody, with sample links. Staff only.
func (s *Service) InvitationPreview(ctx context.Context, actor auth.Actor, contactID, email, note string) (Preview, error) {
	if _, err := s.checkSending(actor, "", note); err != nil {
		return Preview{}, err
	}
	return s.Mail.Preview(ctx, actor, "invitation", contactID, email, note)
}

// A cursor of the dashboard is opaque: milliseconds and contact id of the last row.
func writeCursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at.UnixMilli(), 10) + " " + id))
}

func readCursor(cursor string) (int64, string, error) {
	if cursor == "" {
		return 0, "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	at, id, ok := strings.Cut(string(raw), " ")
	ms, nerr := strconv.ParseInt(at, 10, 64)
	if err != nil || nerr != nil || !ok {
		return 0, "", fault.InvalidField("cursor", "access.cursor", "This place in the list is not valid; start from the top again.")
	}
	return ms, id, nil
}
