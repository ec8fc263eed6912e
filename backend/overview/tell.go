package overview

import (
	"strings"

	"portico/backend/kernel/i18n"
)

// tell puts a fact into words for staff.
func (s *Service) tell(language string, e event, contactName string) Item {
	known, ok := sentences[e.name]
	item := Item{ID: e.id, At: e.at, Kind: known.kind, ContactID: e.subject, ContactName: contactName, Actor: e.by(), Data: e.data.all()}
	if ok {
		key := "timeline." + known.key
		if known.variant != nil {
			key += known.variant(e)
		}
		item.Text, ok = s.Words(language, key, s.params(language, e, contactName))
	} else {
		item.Kind = e.name
	}
	if !ok {
		item.Text = readable(e.name, contactName)
	}
	return item
}

// tellClient puts a fact into words for the client it is about; false when it is
// not for their eyes.
func (s *Service) tellClient(language string, e event) (string, bool) {
	known := sentences[e.name]
	if known.client == "" || known.own && e.actor != "client" {
		return "", false
	}
	return s.Words(language, "client."+known.client, map[string]any{"browser": s.browser(language, e)})
}

// params are all that a sentence may mention.
func (s *Service) params(language string, e event, contactName string) map[string]any {
	if contactName == "" {
		contactName = s.word(language, "timeline.somebody", nil)
	}
	fields := e.list("fields")
	for i, field := range fields {
		if text, ok := s.Words(language, "field."+field, nil); ok {
			fields[i] = text
		}
	}
	mail, ok := s.Words(language, "mailkind."+e.text("kind"), nil)
	if !ok {
		mail = s.word(language, "mailkind.other", nil)
	}
	why, ok := s.Words(language, e.text("problem")+".what", nil)
	if !ok {
		why = e.text("problem")
	}
	return map[string]any{"name": contactName, "browser": s.browser(language, e), "fields": strings.Join(fields, ", "), "mail": mail, "why": why}
}

func (s *Service) browser(language string, e event) string {
	if browser := e.text("browser"); browser != "" {
		return i18n.Device(s.Words, language, browser)
	}
	return s.word(language, "timeline.some_browser", nil)
}

// readable tells a fact by its name alone: "chat.message_sent" is "Chat: message sent".
func readable(fact, contactName string) string {
	text := strings.ReplaceAll(strings.Replace(fact, ".", ": ", 1), "_", " ")
	if text != "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if contactName != "" {
		text += " (" + contactName + ")"
	}
	return text
}
