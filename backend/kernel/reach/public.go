package reach

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/pion/stun/v3"
)

// AddressConfig names who is asked for the public address. Empty lists ask nobody.
type AddressConfig struct {
	STUN     []string       // "stun.example.net:3478"
	Echo     []string       // pages that answer nothing but the caller's address
	Resolver *net.Resolver  // nil: this computer's
	Roots    *x509.CertPool // for pages with https; nil: this computer's
	Patience time.Duration  // for each source; 0: four seconds
}

// DefaultSources are public services to put into AddressConfig when the owner agrees
// that they are asked: of several operators, so that one that is down or wrong does
// not decide.
func DefaultSources() (servers, pages []string) {
	return []string{"stun.cloudflare.com:3478", "stun.l.google.com:19302", "stun.nextcloud.com:443"},
		[]string{"https://api64.ipify.org/", "https://icanhazip.com/"}
}

// Finder finds out how the world sees this line.
type Finder struct{ c AddressConfig }

// NewFinder asks nobody yet.
func NewFinder(c AddressConfig) *Finder {
	if c.Patience == 0 {
		c.Patience = 4 * time.Second
	}
	return &Finder{c}
}

// Find asks all sources at once, over IPv4 and IPv6. The address that most of them
// say is taken, the first one where they are at odds; what each said is in Answers.
func (f *Finder) Find(ctx context.Context) Public {
	var p Public
	var mu sync.Mutex
	var all sync.WaitGroup
	ask := func(i int, source string, family int, question func(ctx context.Context, source, family string) (netip.Addr, error)) {
		ctx, cancel := context.WithTimeout(ctx, f.c.Patience)
		defer cancel()
		addr, err := question(ctx, source, fmt.Sprint(family))
		if addr = addr.Unmap(); err == nil && (addr.Is4() != (family == 4) || !addr.IsValid()) {
			err = fmt.Errorf("an address of the other family: %s", addr)
		}
		if err != nil {
			addr = netip.Addr{}
		}
		mu.Lock()
		defer mu.Unlock()
		p.Answers[i] = Answer{Source: source, Family: family, Addr: addr, Err: err}
	}
	p.Answers = make([]Answer, 2*(len(f.c.STUN)+len(f.c.Echo)))
	i := 0
	for _, family := range []int{4, 6} {
		for _, server := range f.c.STUN {
			at := i
			all.Go(func() { ask(at, server, family, f.stun) })
			i++
		}
		for _, page := range f.c.Echo {
			at := i
			all.Go(func() { ask(at, page, family, f.echo) })
			i++
		}
	}
	all.Wait()
	p.IPv4, p.IPv6 = most(p.Answers, 4), most(p.Answers, 6)
	return p
}

// most is the address with the most votes of a family, the earliest of equals.
func most(answers []Answer, family int) (best netip.Addr) {
	votes := map[netip.Addr]int{}
	for _, a := range answers {
		if a.Family == family && a.Addr.IsValid() {
			votes[a.Addr]++
		}
	}
	for _, a := range answers {
		if votes[a.Addr] > votes[best] {
			best = a.Addr
		}
	}
	return best
}

// stun asks one server over UDP. Only the library's messages are used: its client
// never comes back when it is closed while it waits.
func (f *Finder) stun(ctx context.Context, server, family string) (netip.Addr, error) {
	dialer := net.Dialer{Resolver: f.c.Resolver}
	conn, err := dialer.DialContext(ctx, "udp"+family, server)
	if err != nil {
		return netip.Addr{}, err
	}
	request, err := stun.Build(stun.TransactionID, stun.BindingRequest)
	if err != nil {
		_ = conn.Close()
		return netip.Addr{}, err
	}
	var seen stun.XORMappedAddress
	var no error
	err = exchange(ctx, conn, request.Raw, func(packet []byte) bool {
		answer := &stun.Message{Raw: bytes.Clone(packet)}
		if answer.Decode() != nil || answer.TransactionID != request.TransactionID {
			return false
		}
		no = seen.GetFrom(answer)
		return true
	})
	if err := cmp.Or(err, no); err != nil {
		return netip.Addr{}, err
	}
	addr, ok := netip.AddrFromSlice(seen.IP)
	if !ok {
		return netip.Addr{}, errors.New("the STUN server's answer holds no address")
	}
	return addr, nil
}

// echo reads one page. Redirects are not followed: nobody else is to be asked.
func (f *Finder) echo(ctx context.Context, page, family string) (netip.Addr, error) {
	client := newClient(family, f.c.Resolver, &tls.Config{RootCAs: f.c.Roots})
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return netip.Addr{}, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return netip.Addr{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return netip.Addr{}, errors.New(answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64))
	if err != nil {
		return netip.Addr{}, err
	}
	return netip.ParseAddr(strings.TrimSpace(string(body)))
}

// newClient connects over one family ("4", "6" or "" for both), directly and never
// by a proxy of the environment, and follows no redirect.
func newClient(family string, resolver *net.Resolver, secure *tls.Config) *http.Client {
	dialer := net.Dialer{Resolver: resolver}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: secure,
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				return dialer.DialContext(ctx, "tcp"+family, address)
			},
		},
	}
}
