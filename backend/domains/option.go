package domains

import (
	"net"
	"net/mail"
	"net/netip"
	"slices"
	"strings"

	"portico/backend/kernel/fault"
	"portico/backend/kernel/settings"
)

// Method is how the certificate authority is shown that the name is ours.
type Method string

// The methods.
const (
	MethodHTTP      Method = "http"       // on our own listeners, by HTTP-01 and TLS-ALPN-01
	MethodManual    Method = "dns_manual" // the owner enters a TXT record each time
	MethodDNSUpdate Method = "dns_update" // we enter it ourselves (RFC 2136)
)

// Dynamic is how the record is kept right when the public address changes.
type Dynamic string

// The ways.
const (
	DynamicOff    Dynamic = "off"
	DynamicURL    Dynamic = "url"        // a web address of the dynamic DNS service
	DynamicUpdate Dynamic = "dns_update" // RFC 2136, with the same server as MethodDNSUpdate
)

// Server is a DNS server that takes updates signed with a key (RFC 2136, TSIG).
type Server struct {
	Address   string `json:"address"` // host or host:port
	Zone      string `json:"zone"`
	KeyName   string `json:"key_name"`
	Algorithm string `json:"algorithm"`
	Secret    []byte `json:"secret"` // sealed
}

// Options are what the owner may set beside the name.
type Options struct {
	Email    string  `json:"email"` // told to the certificate authority
	Method   Method  `json:"method"`
	Server   Server  `json:"server"`
	Dynamic  Dynamic `json:"dynamic"`
	Update   []byte  `json:"update"` // the update URL, sealed: it mostly holds a password
	Mapping  bool    `json:"mapping"`
	HSTS     bool    `json:"hsts"`
	Outside  bool    `json:"outside"` // public resolvers and address services may be asked
	Language string  `json:"language"`
}

var optionsKey = settings.Key[Options]{Name: "domains.options", Default: Options{Method: MethodHTTP, Dynamic: DynamicOff, Outside: true,
	Server: Server{Algorithm: "hmac-sha256"}}}

// algorithms are the key algorithms that are offered.
var algorithms = []string{"hmac-sha256", "hmac-sha512", "hmac-sha384", "hmac-sha224", "hmac-sha1"}

// Change is what the owner changes; nil fields stay. Secrets are never shown
// again, so an empty one stays too.
type Change struct {
	Email     *string
	Method    *Method
	Address   *string
	Zone      *string
	KeyName   *string
	Algorithm *string
	Secret    *string
	Dynamic   *Dynamic
	UpdateURL *string
	Mapping   *bool
	HSTS      *bool
	Outside   *bool
}

// sealed is how secrets are put away.
type sealed func(plain, purpose string) []byte

// apply lays a change over the options and checks the whole.
func (o Options) apply(c Change, seal sealed) (Options, error) {
	set(&o.Email, c.Email)
	set(&o.Method, c.Method)
	set(&o.Server.Address, c.Address)
	set(&o.Server.Zone, c.Zone)
	set(&o.Server.KeyName, c.KeyName)
	set(&o.Server.Algorithm, c.Algorithm)
	set(&o.Dynamic, c.Dynamic)
	set(&o.Mapping, c.Mapping)
	set(&o.HSTS, c.HSTS)
	set(&o.Outside, c.Outside)
	o.Email, o.Server.Address = strings.TrimSpace(o.Email), strings.TrimSpace(o.Server.Address)
	o.Server.Zone, o.Server.KeyName = strings.Trim(strings.TrimSpace(o.Server.Zone), "."), strings.TrimSpace(o.Server.KeyName)
	var wrong fault.Collector
	if c.Secret != nil && *c.Secret != "" {
		o.Server.Secret = seal(strings.TrimSpace(*c.Secret), purposeSecret)
	}
	if c.UpdateURL != nil && *c.UpdateURL != "" {
		o.Update = seal(strings.TrimSpace(*c.UpdateURL), purposeUpdate)
	}
	o.check(&wrong)
	return o, wrong.Fault()
}

// What the sealed values are bound to.
const (
	purposeSecret = "domains/tsig"
	purposeUpdate = "domains/update-url"
)

func set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

func (o Options) check(wrong *fault.Collector) {
	if o.Email != "" {
		if a, err := mail.ParseAddress(o.Email); err != nil || a.Address != o.Email || !strings.Contains(o.Email[strings.LastIndex(o.Email, "@"):], ".") {
			wrong.Add("email", fault.New(fault.Invalid, "domains.email", "This is no email address that mail could reach. Write it like help@example.com, or leave it empty."))
		}
	}
	if !slices.Contains([]Method{MethodHTTP, MethodManual, MethodDNSUpdate}, o.Method) {
		wrong.Add("method", fault.New(fault.Invalid, "domains.method", "There is no such way to prove the name."))
	}
	if !slices.Contains([]Dynamic{DynamicOff, DynamicURL, DynamicUpdate}, o.Dynamic) {
		wrong.Add("dynamic", fault.New(fault.Invalid, "domains.dynamic", "There is no such way to keep the record right."))
	}
	if o.Dynamic == DynamicURL && len(o.Update) == 0 {
		wrong.Add("update_url", errUpdateURL)
	}
	if o.signs() {
		o.Server.check(wrong)
	}
}

// signs reports that updates are sent to the DNS server of the options.
func (o Options) signs() bool { return o.Method == MethodDNSUpdate || o.Dynamic == DynamicUpdate }

func (s Server) check(wrong *fault.Collector) {
	if !reachable(s.Address) {
		wrong.Add("server", fault.New(fault.Invalid, "domains.server", "Enter the DNS server that takes the updates, as a name or an address, such as ns1.example.com or ns1.example.com:53."))
	}
	if s.KeyName == "" || strings.ContainsAny(s.KeyName, " \t") {
		wrong.Add("key_name", fault.New(fault.Invalid, "domains.key_name", "Enter the name of the key, exactly as the DNS server knows it."))
	}
	if !slices.Contains(algorithms, s.Algorithm) {
		wrong.Add("algorithm", fault.New(fault.Invalid, "domains.algorithm", "This algorithm is not offered. Take hmac-sha256 unless your DNS server wants another one."))
	}
	if len(s.Secret) == 0 {
		wrong.Add("secret", errSecret)
	}
}

var errSecret = fault.New(fault.Invalid, "domains.secret", "Enter the secret of the key, as the DNS server's owner gave it to you (base64).")

// reachable reports a host with or without a port.
func reachable(address string) bool {
	host := address
	if h, port, err := net.SplitHostPort(address); err == nil {
		if _, err := net.LookupPort("udp", port); err != nil {
			return false
		}
		host = h
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host != "" && !strings.ContainsAny(host, "/ \t:@")
}

var errUpdateURL = fault.New(fault.Invalid, "domains.update_url",
	"Enter the update address of your dynamic DNS service. It begins with https:// and holds {ip} where the address belongs.", "ip", "{ip}")
