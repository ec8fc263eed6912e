package domains

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"time"

	"portico/backend/kernel/auth"
	"portico/backend/kernel/certs"
)

type domainOut struct{ Body domainBody }

type domainBody struct {
	State       State            `json:"state" enum:"default,waiting,ready,updating,active,trouble" doc:"The whole in one word: ready means that it is time for Update Domain"`
	What        string           `json:"what" doc:"The same in a sentence"`
	Do          string           `json:"do" doc:"What to do next, or empty"`
	URL         string           `json:"url" doc:"Canonical address: links are made of it"`
	DefaultURL  string           `json:"default_url" doc:"Address without a name of the owner's; it always answers"`
	Name        *nameBody        `json:"name" doc:"The name that is set up or being set up"`
	Active      *hostBody        `json:"active" doc:"The name at which the portal answers now"`
	Former      []hostBody       `json:"former" doc:"Names that answer and lead to the canonical address"`
	Records     []recordBody     `json:"records" doc:"What to enter at the provider, ready to copy"`
	OnlyOne     string           `json:"only_one" doc:"Why A and CNAME must not stand side by side"`
	Patience    string           `json:"patience" doc:"What propagation is, and why 24 to 48 hours is the usual advice"`
	Provider    providerBody     `json:"provider" doc:"Where the records are entered, as far as DNS tells"`
	Check       *checkBody       `json:"check" doc:"The newest check of the name"`
	Update      *updateBody      `json:"update" doc:"The newest press of Update Domain"`
	Options     optionsBody      `json:"options"`
	Outside     outsideBody      `json:"outside" doc:"How the world sees this computer"`
	Notices     []noticeBody     `json:"notices" doc:"What the owner was told, newest first; a window shows those it has not shown"`
	Certificate *certificateBody `json:"certificate" doc:"How the certificate of the name stands"`
}

type nameBody struct {
	Name    string    `json:"name" doc:"As DNS spells it"`
	Display string    `json:"display" doc:"As people read it"`
	URL     string    `json:"url"`
	Zone    string    `json:"zone" doc:"The domain that was bought"`
	Host    string    `json:"host" doc:"The part before it; @ for the domain itself"`
	Apex    bool      `json:"apex" doc:"The name is the domain itself, where no CNAME can stand"`
	Record  Record    `json:"record" enum:"address,alias"`
	Alias   string    `json:"alias" doc:"What the CNAME points to"`
	Chosen  time.Time `json:"chosen_at"`
	Active  bool      `json:"active"`
}

type hostBody struct {
	Name    string    `json:"name"`
	Display string    `json:"display"`
	URL     string    `json:"url"`
	Since   time.Time `json:"since"`
}

type recordBody struct {
	Type     string `json:"type" enum:"A,AAAA,CNAME,TXT"`
	Host     string `json:"host" doc:"As this provider's form wants it"`
	Short    string `json:"short" doc:"Without the domain"`
	Full     string `json:"full" doc:"With it"`
	Value    string `json:"value" doc:"Empty while it is not known"`
	Optional bool   `json:"optional"`
	Why      string `json:"why" doc:"One sentence"`
}

type providerBody struct {
	ID       string `json:"id" doc:"Of its guide"`
	Name     string `json:"name"`
	Detected bool   `json:"detected" doc:"Recognised by the name servers"`
	Full     bool   `json:"full" doc:"Its form wants whole names"`
}

type checkBody struct {
	Name     string        `json:"name"`
	Display  string        `json:"display"`
	At       time.Time     `json:"at"`
	Ready    bool          `json:"ready" doc:"Nothing stands against Update Domain"`
	ReadyAt  *time.Time    `json:"ready_at" doc:"When old answers are forgotten everywhere and it is time for it"`
	Findings []findingBody `json:"findings" doc:"What stands in the way first"`
	Lookups  []lookupBody  `json:"lookups" doc:"What each DNS server says"`
	Watching bool          `json:"watching" doc:"It is looked at again by itself"`
	Provider providerBody  `json:"provider"`
}

type findingBody struct {
	Code     string       `json:"code"`
	Severity Severity     `json:"severity" enum:"error,wait,warning,info,ok"`
	Area     Area         `json:"area" enum:"computer,router,dns,outside,certificate"`
	Subject  string       `json:"subject"`
	What     string       `json:"what" doc:"One sentence: what is"`
	Do       string       `json:"do" doc:"One sentence: what to do, or empty"`
	Action   Action       `json:"action" enum:",check,guide,mapping,update,retry,method,dynamic,record" doc:"What a button can do, or empty"`
	Remedies []remedyBody `json:"remedies" doc:"Exact ways to mend it, best first"`
}

type remedyBody struct {
	Cure     string    `json:"cure"`
	What     string    `json:"what" doc:"What this way is, with its trap"`
	Admin    bool      `json:"admin" doc:"The commands need an administrator"`
	File     *fileBody `json:"file" doc:"To write before the commands"`
	Commands []string  `json:"commands" doc:"To type, in order"`
	Undo     []string  `json:"undo" doc:"What takes them back"`
}

type fileBody struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
	Text string `json:"text"`
}

type lookupBody struct {
	Side    string     `json:"side" enum:"authoritative,public,system"`
	Server  string     `json:"server"`
	Address string     `json:"address"`
	Answers []string   `json:"answers"`
	TTL     int64      `json:"ttl" doc:"Seconds for which this answer may be kept, counted from the check"`
	Until   *time.Time `json:"until" doc:"When it is forgotten"`
	Serial  uint32     `json:"serial"`
	Rcode   string     `json:"rcode" doc:"NOERROR, NXDOMAIN …; empty without an answer"`
	Right   bool       `json:"right" doc:"Says what it has to say"`
	Silent  bool       `json:"silent" doc:"Gave no answer"`
}

type updateBody struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	State   UpdateState `json:"state" enum:"running,waiting,done,failed,cancelled"`
	Steps   []stepBody  `json:"steps"`
	Started time.Time   `json:"started_at"`
	Ended   *time.Time  `json:"ended_at"`
}

type stepBody struct {
	Key     StepKey    `json:"key" enum:"check,trial,certificate,switch"`
	State   StepState  `json:"state" enum:"todo,running,done,failed,skipped"`
	Label   string     `json:"label"`
	At      time.Time  `json:"at"`
	What    string     `json:"what" doc:"What it met, or empty"`
	Do      string     `json:"do"`
	Detail  string     `json:"detail" doc:"The certificate authority's own words"`
	NextTry *time.Time `json:"next_try"`
}

type optionsBody struct {
	Email     string  `json:"email" doc:"Told to the certificate authority; it writes when something is wrong"`
	Authority string  `json:"authority" doc:"Address of the certificate authority"`
	Terms     string  `json:"terms" doc:"Address of its terms of service: who lets a certificate be ordered agrees to them. Empty when it has none or was not asked yet"`
	Method    Method  `json:"method" enum:"http,dns_manual,dns_update"`
	Server    string  `json:"server"`
	Zone      string  `json:"zone"`
	KeyName   string  `json:"key_name"`
	Algorithm string  `json:"algorithm"`
	HasSecret bool    `json:"has_secret"`
	Dynamic   Dynamic `json:"dynamic" enum:"off,url,dns_update"`
	HasURL    bool    `json:"has_update_url"`
	Mapping   bool    `json:"mapping" doc:"Portico may open ports in the router"`
	HSTS      bool    `json:"hsts"`
	HSTSOffer bool    `json:"hsts_offered" doc:"The address has worked long enough for it"`
	Outside   bool    `json:"outside" doc:"Public DNS resolvers and address services may be asked"`
}

type outsideBody struct {
	IPv4     string        `json:"ipv4"`
	IPv6     string        `json:"ipv6"`
	Asked    *time.Time    `json:"asked_at"`
	HTTPPort int           `json:"http_port" doc:"Where this computer listens for http, 0 when it does not"`
	TLSPort  int           `json:"tls_port" doc:"The same for https"`
	Mappings []mappingBody `json:"mappings" doc:"Open in the router"`
	Router   string        `json:"router" doc:"What the router calls itself"`
}

type mappingBody struct {
	External int        `json:"external"`
	Internal int        `json:"internal"`
	Method   string     `json:"method" doc:"upnp, pcp or natpmp; upnp6 or pcp6 for IPv6 let in"`
	IPv6     string     `json:"ipv6" doc:"This computer's address that is let in, empty for a forward over IPv4"`
	Until    *time.Time `json:"until"`
	Verified bool       `json:"verified"`
}

type noticeBody struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Level Severity  `json:"level" enum:"info,warning,error"`
	Title string    `json:"title"`
	Text  string    `json:"text"`
}

type certificateBody struct {
	State       string        `json:"state" enum:"none,waiting_dns,checking,obtaining,active,renewing,failing,expired"`
	What        string        `json:"what"`
	Do          string        `json:"do"`
	Detail      string        `json:"detail" doc:"The authority's own words about the last problem"`
	NotBefore   *time.Time    `json:"not_before"`
	NotAfter    *time.Time    `json:"not_after"`
	NextRenewal *time.Time    `json:"next_renewal"`
	NextTry     *time.Time    `json:"next_try"`
	LeftHour    int           `json:"left_hour" doc:"Failed proofs that our own limit still allows this hour"`
	LeftDay     int           `json:"left_day" doc:"Orders that it still allows today"`
	History     []historyBody `json:"history" doc:"Newest first"`
}

type historyBody struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Detail string    `json:"detail"`
}

// when is nil for the zero time, as the API tells "never".
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (s *Service) teller(actor auth.Actor) teller { return teller{s.Words, actor.Language} }

// body writes a view for a reader.
func (t teller) body(v View) domainBody {
	b := domainBody{State: v.State, URL: v.url(), DefaultURL: v.Default, OnlyOne: t.say("domains.either", nil), Patience: t.say("domains.patience", nil),
		Provider: t.providerBody(v.Provider, v.Check), Options: optionsOf(v)}
	params := map[string]any{"name": display(v.Plan.Name), "url": b.URL}
	b.What, b.Do = t.say("domains.state."+string(v.State)+".what", params), t.maybe("domains.state."+string(v.State)+".do", params)
	if v.State == StatePending && v.Check != nil && v.Check.Ready {
		b.What, b.Do = t.sentences("settling", nil)
	}
	active, has := v.active()
	if has {
		b.Active = &hostBody{active.Name, display(active.Name), URL(active.Name), active.Since}
	}
	for _, h := range v.Names {
		if h.Role == Former {
			b.Former = append(b.Former, hostBody{h.Name, display(h.Name), URL(h.Name), h.Since})
		}
	}
	if p := v.Plan; p.Name != "" {
		apex := v.apex()
		b.Name = &nameBody{Name: p.Name, Display: display(p.Name), URL: URL(p.Name), Zone: display(apex), Host: hostIn(p.Name, apex), Apex: p.Name == apex,
			Record: p.Record, Alias: p.Alias, Chosen: p.Chosen, Active: has && active.Name == p.Name}
	}
	for _, r := range v.records() {
		b.Records = append(b.Records, recordBody{r.Type, r.Host, r.Short, r.Full, r.Value, r.Optional, t.maybe(r.Why, params)})
	}
	if v.Check != nil {
		c := t.check(*v.Check, v)
		b.Check = &c
	}
	if v.Update != nil {
		u := t.update(*v.Update)
		b.Update = &u
	}
	for _, n := range v.Notices {
		b.Notices = append(b.Notices, noticeBody{n.ID, n.At, n.Level, t.say("domains."+n.Code+".title", n.Params), t.say("domains."+n.Code+".text", n.Params)})
	}
	b.Outside = outsideBody{Asked: when(v.Outside.Asked)}
	b.Outside.IPv4, b.Outside.IPv6 = addressOf(v.Outside.IPv4), addressOf(v.Outside.IPv6)
	b.Outside.HTTPPort, b.Outside.TLSPort = v.Ports.HTTP, v.Ports.TLS
	b.Outside.Router = v.Reached.Router.Name
	for _, m := range v.Reached.Mappings {
		b.Outside.Mappings = append(b.Outside.Mappings, mappingBody{int(m.Forward.External), int(m.Forward.Internal), string(m.Method), addressOf(m.Forward.To), when(m.Expires), m.Verified})
	}
	if v.Certificate != nil {
		c := t.certificate(*v.Certificate, v.Now)
		b.Certificate = &c
	}
	return b
}

// addressOf is "" for none.
func addressOf(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// certificate tells how a certificate stands.
func (t teller) certificate(c Certificate, now time.Time) certificateBody {
	s := c.Status
	params := problemParams(s)
	params["date"] = t.date(s.NotAfter)
	b := certificateBody{State: string(s.State), What: t.say("domains.certificate_state."+string(s.State)+".what", params), Do: t.maybe("domains.certificate_state."+string(s.State)+".do", params),
		NotBefore: when(s.NotBefore), NotAfter: when(s.NotAfter), NextRenewal: when(s.NextRenewal), NextTry: when(s.NextTry), LeftHour: s.Left.Failures, LeftDay: s.Left.Orders}
	if s.Problem != nil {
		code := "domains.certificate." + string(s.Problem.Code)
		b.What, b.Do, b.Detail = t.say(code+".what", params), t.say(code+".do", params), s.Problem.Detail
	}
	for _, e := range c.History {
		if line, ok := t.entry(e); ok {
			b.History = append(b.History, line)
		}
	}
	return b
}

// entry tells a line of the history; what only programmers read is left out.
func (t teller) entry(e certs.Entry) (historyBody, bool) {
	b := historyBody{At: e.At}
	switch {
	case e.Kind == certs.KindLine, e.Kind == certs.KindState, e.Kind == certs.KindAlarm:
		return b, false
	case e.Problem != nil:
		b.What, b.Detail = t.say("domains.certificate."+string(e.Problem.Code)+".what", map[string]any{"name": display(e.Name), "challenge": string(e.Problem.Challenge)}), e.Problem.Detail
	case e.Kind == certs.KindWait:
		b.What = t.say("domains.certificate.wait_"+string(e.Why)+".what", nil)
	default:
		b.What = t.say("domains.history."+string(e.Kind), map[string]any{"date": t.date(e.Until)})
	}
	return b, true
}

// date writes a day for people.
func (t teller) date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return t.say("domains.date", map[string]any{"day": at.Day(), "month": t.say(fmt.Sprintf("domains.month.%d", int(at.Month())), nil), "year": at.Year()})
}

func (t teller) providerBody(p Provider, c *Check) providerBody {
	b := providerBody{ID: p.ID, Name: t.provider(p), Full: p.Full}
	if c != nil && c.Host != "" {
		b.Detected, b.Name = true, readable(c.Host)
	}
	return b
}

func (t teller) check(c Check, v View) checkBody {
	b := checkBody{Name: c.Name, Display: display(c.Name), At: c.At, Ready: c.Ready, ReadyAt: when(c.Settled), Provider: t.providerBody(providerByID(c.Host), &c),
		Watching: v.Plan.Name == c.Name && v.State == StatePending}
	for _, f := range c.Findings {
		b.Findings = append(b.Findings, t.finding(f))
	}
	for _, l := range c.Lookups {
		b.Lookups = append(b.Lookups, lookupBody{l.Side, l.Server, l.Address, l.Answers, l.TTL, when(l.Until), l.Serial, l.Rcode, l.Right, l.Silent})
	}
	return b
}

func (t teller) finding(f Finding) findingBody {
	b := findingBody{Code: f.Code, Severity: f.Severity, Area: f.Area, Subject: f.Subject}
	b.Action = actionOf(f)
	b.What, b.Do = t.sentences(f.Code, f.Params)
	for _, r := range f.Remedies {
		one := remedyBody{Cure: r.Cure, What: t.say("domains.cure."+r.Cure, r.Params), Admin: r.Admin, Commands: r.Commands, Undo: r.Undo}
		if r.Path != "" {
			one.File = &fileBody{r.Path, r.Mode, r.Text}
		}
		b.Remedies = append(b.Remedies, one)
	}
	return b
}

// sentences tell a code: what is, and what to do. A code whose sentence names
// something that the system did not tell has a plainer one.
func (t teller) sentences(code string, params map[string]any) (what, do string) {
	for _, plainer := range []struct{ code, param, words string }{
		{"port.held", "program", "port.held_unnamed"}, {"mapping.conflict", "holder", "mapping.conflict_unnamed"}, {"self.other_page", "title", "self.other_page_untitled"},
	} {
		if code == plainer.code && params[plainer.param] == "" {
			code = plainer.words
		}
	}
	params = maps.Clone(params)
	for _, name := range []string{"reason", "direction", "method"} {
		if text := t.maybe(fmt.Sprintf("domains.reason.%v", params[name]), nil); text != "" {
			params[name] = text
		}
	}
	return t.say("domains."+code+".what", params), t.maybe("domains."+code+".do", params)
}

func (t teller) update(u Update) updateBody {
	b := updateBody{ID: u.ID, Name: u.Name, State: u.State, Started: u.Started, Ended: when(u.Ended)}
	for _, s := range u.Steps {
		one := stepBody{Key: s.Key, State: s.State, Label: t.say("domains.step."+string(s.Key), nil), At: s.At, Detail: s.Detail, NextTry: when(s.NextTry)}
		if s.Problem != "" {
			one.What, one.Do = t.sentences(s.Problem, s.Params)
		}
		b.Steps = append(b.Steps, one)
	}
	return b
}

// linked is an address that a screen may open: the authority is somebody else.
func linked(address string) string {
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return address
}

func optionsOf(v View) optionsBody {
	o := v.Options
	return optionsBody{Email: o.Email, Authority: v.Authority, Terms: linked(v.About.Terms), Method: o.Method, Server: o.Server.Address, Zone: o.Server.Zone, KeyName: o.Server.KeyName,
		Algorithm: o.Server.Algorithm, HasSecret: len(o.Server.Secret) > 0, Dynamic: o.Dynamic, HasURL: len(o.Update) > 0,
		Mapping: o.Mapping, HSTS: o.HSTS, HSTSOffer: v.HSTS, Outside: o.Outside}
}
