package reach

import (
	"context"
	"errors"
	"net/netip"
	"regexp"
	"time"

	natpmplib "github.com/jackpal/go-nat-pmp"
)

// natpmp speaks RFC 6886. The library knows no context and tells results only in
// words, so each question has a goroutine of its own and the number is read back.
type natpmp struct {
	gateway Gateway
	wait    time.Duration
}

func (n *natpmp) method() Method { return NATPMP }

func (n *natpmp) client() *natpmplib.Client {
	return natpmplib.NewClientWithLocalAndTimeout(n.gateway.Address.AsSlice(), n.gateway.Local.AsSlice(), n.wait)
}

// asked runs a question of the library and lets go when ctx ends; the question
// itself ends by its own time limit.
func asked[T any](ctx context.Context, question func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		v, err := question()
		answers <- answer{v, err}
	}()
	select {
	case a := <-answers:
		return a.value, natpmpError(a.err)
	case <-ctx.Done():
		var none T
		return none, errSilent
	}
}

func (n *natpmp) external(ctx context.Context) (netip.Addr, time.Duration, error) {
	a, err := asked(ctx, n.client().GetExternalAddress)
	if err != nil {
		return netip.Addr{}, 0, err
	}
	addr, uptime := netip.AddrFrom4(a.ExternalIPAddress), time.Duration(a.SecondsSinceStartOfEpoc)*time.Second
	if addr.IsUnspecified() {
		return netip.Addr{}, uptime, errOffline
	}
	return addr, uptime, nil
}

func (n *natpmp) open(ctx context.Context, m Mapping, lease time.Duration) (granted, error) {
	a, err := n.ask(ctx, m.Forward, lease)
	if err != nil {
		return granted{}, err
	}
	external, _, _ := n.external(ctx)
	return granted{external: netip.AddrPortFrom(external, a.MappedExternalPort), lease: time.Duration(a.PortMappingLifetimeInSeconds) * time.Second}, nil
}

func (n *natpmp) ask(ctx context.Context, f Forward, lease time.Duration) (*natpmplib.AddPortMappingResult, error) {
	return asked(ctx, func() (*natpmplib.AddPortMappingResult, error) {
		return n.client().AddPortMapping("tcp", int(f.Internal), int(f.External), int(lease/time.Second))
	})
}

// close: a lifetime of nothing and an outer port of nothing (RFC 6886, 3.4).
func (n *natpmp) close(ctx context.Context, m Mapping) error {
	_, err := n.ask(ctx, Forward{Internal: m.Forward.Internal}, 0)
	return err
}

func (n *natpmp) shows(context.Context, Mapping) (bool, error) { return false, errCannotShow }

// result finds the number in what go-nat-pmp says: it has no type for it.
var result = regexp.MustCompile(`result code (\d+) ?\(?(.*?)\)?$`)

func natpmpError(err error) error {
	if err == nil {
		return nil
	}
	if m := result.FindStringSubmatch(err.Error()); m != nil {
		switch m[1] {
		case "2":
			return &refused{answer: m[1] + " " + m[2], disabled: true}
		case "3":
			return errOffline
		}
		return &refused{answer: m[1] + " " + m[2]}
	}
	return errors.Join(errSilent, err)
}
