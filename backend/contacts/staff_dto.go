package contacts

import "time"

// ContactBody is a contact as staff see it.
type ContactBody struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	FirstName string     `json:"first_name" doc:"What a greeting calls them; made from the name"`
	Emails    []string   `json:"emails" doc:"The first is the address they sign in with"`
	Phones    []string   `json:"phones" doc:"E.164"`
	Company   string     `json:"company"`
	Address   AddressDTO `json:"address"`
	Language  string     `json:"language" doc:"BCP 47"`
	TimeZone  string     `json:"time_zone" doc:"IANA"`
	Birthday  string     `json:"birthday" doc:"YYYY-MM-DD, or --MM-DD without a year"`
	Tags      []string   `json:"tags"`
	PhotoURL  *string    `json:"photo_url"`
	Archived  bool       `json:"archived"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	Portal    PortalDTO  `json:"portal"`
}

// ContactPage is a part of the list.
type ContactPage struct {
	Items     []ContactBody `json:"items"`
	Next      *string       `json:"next_cursor"`
	Corrected *string       `json:"corrected" doc:"Set when nothing matched as typed: what was searched for instead"`
}

// AddressDTO is a postal address; country is ISO 3166-1 alpha-2.
type AddressDTO struct {
	Street     string `json:"street,omitempty"`
	City       string `json:"city,omitempty"`
	Region     string `json:"region,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty"`
}

// PortalDTO is how a contact stands with the client portal.
type PortalDTO struct {
	State      string     `json:"state" enum:"none,invited,accepted,opened,joined,suspended,undelivered"`
	InvitedAt  *time.Time `json:"invited_at"`
	JoinedAt   *time.Time `json:"joined_at"`
	LastSeenAt *time.Time `json:"last_seen_at"`
}

// NewContact is what staff send to add a contact.
type NewContact struct {
	Name     string     `json:"name,omitempty"`
	Emails   []string   `json:"emails,omitempty"`
	Phones   []string   `json:"phones,omitempty"`
	Company  string     `json:"company,omitempty"`
	Address  AddressDTO `json:"address,omitempty"`
	Language string     `json:"language,omitempty"`
	TimeZone string     `json:"time_zone,omitempty"`
	Birthday string     `json:"birthday,omitempty"`
	Tags     []string   `json:"tags,omitempty"`
}

// ContactPatch changes what it names.
type ContactPatch struct {
	Name     *string     `json:"name,omitempty"`
	Emails   *[]string   `json:"emails,omitempty"`
	Phones   *[]string   `json:"phones,omitempty"`
	Company  *string     `json:"company,omitempty"`
	Address  *AddressDTO `json:"address,omitempty"`
	Language *string     `json:"language,omitempty"`
	TimeZone *string     `json:"time_zone,omitempty"`
	Birthday *string     `json:"birthday,omitempty"`
	Tags     *[]string   `json:"tags,omitempty"`
}

// NoteBody is a note as staff see it.
type NoteBody struct {
	ID        string    `json:"id"`
	Text      string    `json:"text"`
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// TagBody is a tag with the number of contacts that carry it.
type TagBody struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Color string `json:"color" enum:"teal,blue,green,amber,red,violet,gray"`
	Count int64  `json:"count"`
}

// ViewBody is a kept view of the list.
type ViewBody struct {
	ID      string    `json:"id,omitempty"`
	Name    string    `json:"name"`
	Query   ViewQuery `json:"query"`
	Columns []string  `json:"columns,omitempty"`
}

// ViewQuery is the filter of a view.
type ViewQuery struct {
	Search string   `json:"search,omitempty"`
	Tags   []string `json:"tags,omitempty"`
	State  string   `json:"state,omitempty" enum:"active,archived,all"`
	Sort   string   `json:"sort,omitempty"`
}

func bodyOf(c Contact, p Portal) ContactBody {
	b := ContactBody{ID: c.ID, Name: c.Name, FirstName: c.FirstName(), Emails: c.Emails, Phones: c.Phones, Company: c.Company,
		Address: AddressDTO(c.Address), Language: c.Language, TimeZone: c.TimeZone, Birthday: c.Birthday, Tags: c.Tags,
		Archived: c.State == Archived, CreatedAt: c.Created, UpdatedAt: c.Updated,
		Portal: PortalDTO{State: p.State, InvitedAt: moment(p.InvitedAt), JoinedAt: moment(p.JoinedAt), LastSeenAt: moment(p.LastSeen)}}
	if b.Portal.State == "" {
		b.Portal.State = "none"
	}
	if c.Photo != "" {
		url := PhotoURL(c)
		b.PhotoURL = &url
	}
	return b
}

// PhotoURL is where staff fetch a contact's photo. The blob's id makes a changed
// photo a new address, so that it may be cached for ever.
func PhotoURL(c Contact) string { return "/api/staff/contacts/" + c.ID + "/photo?v=" + c.Photo }

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (n NewContact) contact() Contact {
	return Contact{Name: n.Name, Emails: n.Emails, Phones: n.Phones, Company: n.Company, Address: Address(n.Address),
		Language: n.Language, TimeZone: n.TimeZone, Birthday: n.Birthday, Tags: n.Tags}
}

func (p ContactPatch) patch() Patch {
	out := Patch{Name: p.Name, Company: p.Company, Language: p.Language, TimeZone: p.TimeZone, Birthday: p.Birthday,
		Emails: p.Emails, Phones: p.Phones, Tags: p.Tags}
	if p.Address != nil {
		a := Address(*p.Address)
		out.Address = &a
	}
	return out
}

func noteBody(n Note) NoteBody {
	return NoteBody{ID: n.ID, Text: n.Text, Author: n.Author, CreatedAt: n.Created, UpdatedAt: n.Updated}
}

func tagBody(t Tag) TagBody { return TagBody{ID: t.ID, Name: t.Name, Color: t.Color, Count: t.Uses} }

func viewBody(v View) ViewBody {
	return ViewBody{ID: v.ID, Name: v.Name, Columns: v.Columns,
		Query: ViewQuery{Search: v.Query.Search, Tags: v.Query.Tags, State: string(v.Query.State), Sort: v.Query.Sort}}
}

func (b ViewBody) view(id string) View {
	return View{ID: id, Name: b.Name, Columns: b.Columns,
		Query: Filter{Search: b.Query.Search, Tags: b.Query.Tags, State: State(b.Query.State), Sort: b.Query.Sort}}
}
