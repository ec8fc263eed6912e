package contacts

import (
	"slices"
	"strconv"

	"portico/backend/kernel/web"
)

// AppendJSON implements web.Appender: the list is what staff ask for most.
func (p ContactPage) AppendJSON(b []byte) []byte {
	const usual = 512 // bytes of a contact
	b = append(slices.Grow(b, usual*(len(p.Items)+1)), `{"items":[`...)
	for i := range p.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.Items[i].appendJSON(b)
	}
	b = web.AppendOptional(append(b, `],"next_cursor":`...), p.Next)
	b = web.AppendOptional(append(b, `,"corrected":`...), p.Corrected)
	return append(b, '}')
}

func (c *ContactBody) appendJSON(b []byte) []byte {
	b = web.AppendText(append(b, `{"id":`...), c.ID)
	b = web.AppendText(append(b, `,"name":`...), c.Name)
	b = web.AppendText(append(b, `,"first_name":`...), c.FirstName)
	b = web.AppendTexts(append(b, `,"emails":`...), c.Emails)
	b = web.AppendTexts(append(b, `,"phones":`...), c.Phones)
	b = web.AppendText(append(b, `,"company":`...), c.Company)
	b = c.Address.appendJSON(append(b, `,"address":`...))
	b = web.AppendText(append(b, `,"language":`...), c.Language)
	b = web.AppendText(append(b, `,"time_zone":`...), c.TimeZone)
	b = web.AppendText(append(b, `,"birthday":`...), c.Birthday)
	b = web.AppendTexts(append(b, `,"tags":`...), c.Tags)
	b = web.AppendOptional(append(b, `,"photo_url":`...), c.PhotoURL)
	b = strconv.AppendBool(append(b, `,"archived":`...), c.Archived)
	b = web.AppendTime(append(b, `,"created_at":`...), &c.CreatedAt)
	b = web.AppendTime(append(b, `,"updated_at":`...), &c.UpdatedAt)
	b = web.AppendText(append(b, `,"portal":{"state":`...), c.Portal.State)
	b = web.AppendTime(append(b, `,"invited_at":`...), c.Portal.InvitedAt)
	b = web.AppendTime(append(b, `,"joined_at":`...), c.Portal.JoinedAt)
	b = web.AppendTime(append(b, `,"last_seen_at":`...), c.Portal.LastSeenAt)
	return append(b, "}}"...)
}

func (a *AddressDTO) appendJSON(b []byte) []byte {
	b = append(b, '{')
	first := true
	for _, f := range [...]struct{ name, text string }{{`"street":`, a.Street}, {`"city":`, a.City}, {`"region":`, a.Region}, {`"postal_code":`, a.PostalCode}, {`"country":`, a.Country}} {
		if f.text == "" {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = web.AppendText(append(b, f.name...), f.text)
	}
	return append(b, '}')
}
