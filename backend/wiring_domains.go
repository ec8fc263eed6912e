package backend

import (
	"portico/backend/domains"
	"portico/backend/kernel/zone"
)

// domainsDeps are what the room of the portal's own address stands on.
func (b *Backend) domainsDeps() domains.Deps {
	return domains.Deps{DB: b.db, Log: b.config.Log, Box: b.box, Words: b.words.Text, Live: b.pushes, Address: b.address, Normal: b.normalName}
}

// normalName puts a typed name into DNS's spelling. A company with a certificate
// authority of its own may use names that no public one gives out.
func (b *Backend) normalName(typed string) (string, error) {
	var own []string
	if b.config.Domain.Directory != "" {
		own = []string{"internal", "intranet", "private", "corp", "lan", "home.arpa", "test"}
	}
	name, err := zone.Normal(typed, own...)
	return string(name), err
}
