package domains

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
	"portico/backend/kernel/zone"
)

// pushed is what dynamic DNS was told last.
type pushed struct {
	Name      string    `json:"name"`
	Addresses string    `json:"addresses"`
	How       string    `json:"how"` // a change of the settings counts as new
	At        time.Time `json:"at"`
	Refused   bool      `json:"refused"` // a person has to look before it is tried again
	Failed    bool      `json:"failed"`  // tried again by itself
	Answer    string    `json:"answer"`
}

var pushedKey = settings.Key[pushed]{Name: "domains.pushed"}

// againAfter is how long a dynamic DNS service that did not answer is left alone.
const againAfter = 5 * time.Minute

// keepRecord tells dynamic DNS the public address when it is not the one that was
// told last. What a person has to mend is tried once, so that no account is locked.
func (s *Service) keepRecord(ctx context.Context, v View) error {
	name := v.Plan.Name
	if v.Plan.Record == ByAlias {
		name = v.Plan.Alias
	}
	addresses := valid(v.Outside.IPv4, v.six())
	if v.Options.Dynamic == DynamicOff || name == "" || len(addresses) == 0 {
		return nil
	}
	now := pushed{Name: name, Addresses: fmt.Sprint(addresses), How: fmt.Sprintf("%s %x %v", v.Options.Dynamic, v.Options.Update, v.Options.Server), At: v.Now}
	before, err := settings.Get(ctx, s.DB.Read(), pushedKey)
	if err != nil {
		return err
	}
	if before.Name == now.Name && before.Addresses == now.Addresses && before.How == now.How && (!before.Failed || v.Now.Sub(before.At) < s.pace(againAfter)) {
		return nil
	}
	updater, err := s.updater(v.Options)
	if err == nil {
		err = updater.Update(ctx, zone.Name(name), addresses)
	}
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		f := fault.As(err)
		now.Failed, now.Refused, now.Answer = f.Kind == fault.Unavailable, f.Kind != fault.Unavailable, fault.Fill(f.Message, f.Params)
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		tx.AfterCommit(func() { s.Live.Changed("domain") })
		if err := settings.Set(ctx, tx, pushedKey, now); err != nil || !now.Refused {
			return err
		}
		return s.tell(ctx, tx, Warns, "notice.update_refused", name+" "+now.Addresses+" "+now.At.Format(time.RFC3339),
			map[string]any{"name": display(name), "address": addresses[0].String(), "answer": now.Answer})
	})
}

// updater is how the owner's dynamic DNS is told.
func (s *Service) updater(o Options) (zone.Updater, error) {
	if o.Dynamic == DynamicUpdate {
		return s.signed(o)
	}
	return s.byURL(o)
}

// byURL is the dynamic DNS service that is told by an update address. Faults:
// domains.update_url when it was sealed elsewhere, those of zone.
func (s *Service) byURL(o Options) (zone.Updater, error) {
	url, err := s.Box.Open(o.Update, purposeUpdate)
	if err != nil {
		return nil, errUpdateURL.Because(err)
	}
	return s.DNS.ByURL(zone.UpdateURL{Address: string(url)})
}

// signed is the DNS server that takes our updates. Faults: domains.secret when the
// secret was sealed elsewhere, those of zone.
func (s *Service) signed(o Options) (*zone.Signed, error) {
	secret, err := s.Box.Open(o.Server.Secret, purposeSecret)
	if err != nil {
		return nil, errSecret.Because(err)
	}
	return s.DNS.Signed(zone.Dynamic{Server: o.Server.Address, Zone: o.Server.Zone, Key: o.Server.KeyName, Algorithm: o.Server.Algorithm, Secret: string(secret)}, o.Outside)
}

// usable asks those who will use them whether they take the server's key and the
// update address: what they refuse later would have to be found by a person.
func (s *Service) usable(o Options) error {
	var wrong fault.Collector
	if o.signs() {
		if _, err := s.signed(o); err != nil {
			field, known := fieldOf[fault.As(err).Code]
			if !known {
				field = "secret"
			}
			wrong.Add(field, err)
		}
	}
	if o.Dynamic == DynamicURL {
		if _, err := s.byURL(o); err != nil {
			wrong.Add("update_url", err)
		}
	}
	return wrong.Fault()
}

// fieldOf is where a refusal of zone belongs, when it is not about the secret.
var fieldOf = map[string]string{"zone.update_server_missing": "server", "zone.update_key_missing": "key_name", "zone.update_algorithm": "algorithm"}

// optionFindings tell of options that were taken once and cannot be used now: a
// store may come from another computer.
func (s *Service) optionFindings(name string, o Options) (list []Finding) {
	say := func(code string, severity Severity) {
		list = append(list, Finding{Code: code, Severity: severity, Area: AreaCertificate, Subject: name, Params: map[string]any{"name": display(name)}})
	}
	if o.signs() {
		if _, err := s.signed(o); err != nil && o.Method == MethodDNSUpdate {
			say("options.server", Blocks)
		} else if err != nil {
			say("options.server", Warns)
		}
	}
	if o.Dynamic == DynamicURL {
		if _, err := s.byURL(o); err != nil {
			say("options.update_url", Warns)
		}
	}
	return list
}

func valid(list ...netip.Addr) []netip.Addr {
	return slices.DeleteFunc(list, func(a netip.Addr) bool { return !a.IsValid() })
}

// moved tells the owner that the name in use leads elsewhere now, when nothing
// keeps its record right by itself.
func (s *Service) moved(ctx context.Context, v View) error {
	h, ok := v.active()
	if !ok || v.Check == nil || v.Check.Name != h.Name || v.Options.Dynamic != DynamicOff || !v.Outside.IPv4.IsValid() {
		return nil
	}
	wrong := slices.ContainsFunc(v.Check.Findings, func(f Finding) bool {
		return f.Code == string(zone.WrongAddress) || f.Code == string(zone.DynamicStale)
	})
	if !wrong {
		return nil
	}
	address := v.Outside.IPv4.String()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		return s.tell(ctx, tx, Warns, "notice.moved", strings.Join([]string{h.Name, address, v.Now.Format(time.DateOnly)}, " "), map[string]any{"name": display(h.Name), "address": address})
	})
}
