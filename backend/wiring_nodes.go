package backend

import (
	"strings"

	"portico/backend/kernel/live"
)

// frame is what open windows are told: what they show of a topic may be stale.
type frame struct {
	Topic string   `json:"topic"`
	IDs   []string `json:"ids"`
}

// Names of what travels between nodes.
const (
	relayChanged = "changed"        // key: topic and ids
	relayClient  = "client_changed" // key: contact and topic
	relaySession = "session_ended"
	relayPerson  = "person_ended"
)

// longestNews is how long a list of ids may be for other nodes; beyond it they are
// told that anything of the topic may be stale.
const longestNews = 2000

// pushes are kernel/live for the rooms, on this node and on the others.
type pushes struct {
	hub   *live.Hub
	relay *live.Relay
}

func (p pushes) Changed(topic string, ids ...string) {
	known := []string{}
	for _, id := range ids {
		if id != "" {
			known = append(known, id)
		}
	}
	p.hub.Publish(live.Staff, "", frame{topic, known})
	key := strings.Join(append([]string{topic}, known...), " ")
	if len(key) > longestNews {
		key = topic
	}
	p.relay.Tell(relayChanged, key, 0)
}

func (p pushes) ClientChanged(contactID, topic string) {
	p.hub.Publish(live.Portal, contactID, frame{topic, []string{}})
	p.relay.Tell(relayClient, contactID+" "+topic, 0)
}

func (p pushes) DropSession(id string) {
	p.hub.Drop(id)
	p.relay.Tell(relaySession, id, 0)
}

func (p pushes) DropPerson(id string) {
	p.hub.DropPerson(id)
	p.relay.Tell(relayPerson, id, 0)
}

// listenToNodes does here what other nodes tell. What is kept in memory is read
// again first, so that whoever looks because of it sees the change.
func (b *Backend) listenToNodes() {
	on := func(topic string, do func(first string, rest []string)) {
		b.relay.On(topic, func(key string, _ int64) {
			if words := strings.Fields(key); len(words) > 0 {
				b.db.Forget()
				do(words[0], words[1:])
			}
		})
	}
	on(relayChanged, func(topic string, ids []string) { b.hub.Publish(live.Staff, "", frame{topic, ids}) })
	on(relayClient, func(contactID string, topic []string) {
		b.hub.Publish(live.Portal, contactID, frame{strings.Join(topic, " "), []string{}})
	})
	on(relaySession, func(id string, _ []string) { b.hub.Drop(id) })
	on(relayPerson, func(id string, _ []string) { b.hub.DropPerson(id) })
	b.relay.OnGap(func() {
		b.db.Forget()
		b.hub.Resync()
	})
}
