package reach

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// restarted finds the routers that have begun to count anew since the last look: they
// have forgotten every forward (RFC 6886, 3.6).
func (m *Mapper) restarted(ctx context.Context, now time.Time) map[Method]bool {
	all := map[Method]bool{}
	for _, s := range m.speakers {
		short, cancel := context.WithTimeout(ctx, m.c.Patience)
		addr, uptime, err := s.external(short)
		cancel()
		if err == nil && addr.IsValid() {
			m.router.External = addr
		}
		if err != nil || uptime == 0 {
			continue
		}
		before, known := m.uptime[s.method()]
		elapsed := now.Sub(before.at)
		if known && uptime < before.uptime+elapsed*7/8-2*time.Second {
			all[s.method()] = true
		}
		m.uptime[s.method()] = seen{uptime, now}
	}
	return all
}

// mappingFinding is about a forward, or a hole for IPv6.
func mappingFinding(code Code, s Severity, f Forward, method Method) Finding {
	if f.six() {
		code = ofPinholes(code)
	}
	return Finding{Code: code, Severity: s, Subject: strconv.Itoa(int(f.External)), Params: map[string]any{"port": int(f.External), "method": string(method)}}
}

func (m *Mapper) tell(f Finding, more ...any) {
	for i := 0; i+1 < len(more); i += 2 {
		f.Params[more[i].(string)] = more[i+1]
	}
	m.findings = append(m.findings, f)
}

// speaks is who can talk about a mapping: its method, at its router.
func (m *Mapper) speaks(old Mapping) speaker {
	if old.Gateway != m.router.Gateway.Address {
		return nil
	}
	for _, s := range m.speakers {
		if old.Device != "" && device(s) != old.Device {
			continue // another router at the same address: 192.168.1.1 is everywhere
		}
		if s.method() == old.Method {
			return s
		}
	}
	return nil
}

// device is what a router calls itself, "" in languages that have no word for that.
func device(s speaker) string {
	if named, ok := s.(interface{ device() string }); ok {
		return named.device()
	}
	return ""
}

// languages are those in which f can be asked for.
func (m *Mapper) languages(f Forward) []speaker {
	return slices.DeleteFunc(slices.Clone(m.speakers), func(s speaker) bool { return s.method().six() != f.six() })
}

// dropExcept closes the mappings that nobody wants any more, or not as they are.
func (m *Mapper) dropExcept(ctx context.Context, wanted []Forward) {
	var stay []Mapping
	for _, old := range m.mappings {
		if slices.Contains(wanted, old.Forward) && old.Gateway == m.router.Gateway.Address && old.Internal.Addr() == m.inside(old.Forward) {
			stay = append(stay, old)
			continue
		}
		if m.drop(ctx, old) {
			continue
		}
		until := ""
		if !old.Expires.IsZero() {
			until = old.Expires.Format(time.RFC3339)
		}
		m.tell(mappingFinding(MappingLeft, Warns, old.Forward, old.Method), "until", until)
		stay = append(stay, old)
	}
	m.mappings = stay
}

// drop closes one and forgets it; false when it has to be tried again.
func (m *Mapper) drop(ctx context.Context, old Mapping) bool {
	expired := !old.Expires.IsZero() && old.Expires.Before(m.c.Clock.Now())
	if s := m.speaks(old); s != nil {
		short, cancel := context.WithTimeout(ctx, m.c.Patience)
		defer cancel()
		if err := s.close(short, old); err != nil && !expired {
			m.c.Log.Warn("a forward could not be closed", "method", old.Method, "port", old.Forward.External, "error", err)
			return false
		}
	} else if !expired {
		return false
	}
	m.forget(ctx, old)
	return true
}

func (m *Mapper) forget(ctx context.Context, old Mapping) {
	if err := m.c.Store.Forget(ctx, old); err != nil {
		m.c.Log.Error("a closed forward stays remembered", "error", err)
	}
}

// keep makes sure that a wanted forward is open: verified when it should be there,
// asked for when it is new, half its time is over, or the router has lost it.
func (m *Mapper) keep(ctx context.Context, f Forward, restarted map[Method]bool) {
	i := slices.IndexFunc(m.mappings, func(old Mapping) bool { return old.Forward == f && m.speaks(old) != nil })
	if i < 0 {
		if slices.ContainsFunc(m.mappings, func(old Mapping) bool { return old.Forward == f }) && len(m.languages(f)) == 0 {
			silent := mappingFinding(MappingUnanswered, Warns, f, "")
			silent.Remedies = mappingRemedies(MappingUnanswered, m.router.Gateway, f, nil)
			m.tell(silent)
		}
		m.open(ctx, f, nil)
		return
	}
	old := m.mappings[i]
	due := !old.Renew.IsZero() && !m.c.Clock.Now().Before(old.Renew)
	if !due {
		there, known := m.verify(ctx, old)
		if there || !known && !restarted[old.Method] {
			m.mappings[i].Verified = there
			m.tellOpen(m.mappings[i])
			return
		}
		m.tell(mappingFinding(MappingLost, Warns, f, old.Method))
	}
	m.open(ctx, f, &old)
}

// verify asks the router whether a mapping is there.
func (m *Mapper) verify(ctx context.Context, old Mapping) (there, known bool) {
	short, cancel := context.WithTimeout(ctx, m.c.Patience)
	defer cancel()
	there, err := m.speaks(old).shows(short, old)
	return there && err == nil, err == nil
}

// open asks in each language until one is granted. old is the mapping to renew, if any.
func (m *Mapper) open(ctx context.Context, f Forward, old *Mapping) {
	var no []Finding
	for _, s := range m.languages(f) {
		if old != nil && s.method() != old.Method {
			continue // the one that opened it; the others would be told that the port is taken
		}
		opened, failed := m.openBy(ctx, s, f, old)
		if opened {
			return
		}
		no = append(no, failed)
		if failed.Code == MappingConflict {
			break // true in every language
		}
	}
	m.findings = append(m.findings, no...)
}

// openBy asks in one language. The mapping is remembered before, so that even a
// crash in between leaves nothing open that nobody knows of.
func (m *Mapper) openBy(ctx context.Context, s speaker, f Forward, old *Mapping) (bool, Finding) {
	now, g := m.c.Clock.Now(), m.router.Gateway
	wish := Mapping{Forward: f, Method: s.method(), Gateway: g.Address, Internal: netip.AddrPortFrom(m.inside(f), f.Internal),
		External: netip.AddrPortFrom(netip.Addr{}, f.External), Expires: now.Add(m.c.Lease)}
	if old != nil {
		wish.Nonce, wish.Number = old.Nonce, old.Number
	} else if s.method() == PCP || s.method() == PCP6 {
		wish.Nonce = newNonce()
	}
	wish.Device = device(s)
	fail := func(code Code, more ...any) (bool, Finding) {
		f := mappingFinding(code, severityOf(f), f, s.method())
		for i := 0; i+1 < len(more); i += 2 {
			f.Params[more[i].(string)] = more[i+1]
		}
		f.Remedies = mappingRemedies(code, g, wish.Forward, f.Params["holder"])
		return false, f
	}
	if err := m.c.Store.Remember(ctx, wish); err != nil {
		m.c.Log.Error("a forward could not be remembered, so it is not opened", "error", err)
		return fail(MappingRefused, "answer", "")
	}
	short, cancel := context.WithTimeout(ctx, m.c.Patience)
	defer cancel()
	given, err := s.open(short, wish, m.c.Lease)
	if err == nil && given.external.Port() != f.External {
		if err := s.close(short, wish); err == nil {
			m.gone(ctx, wish)
		}
		return fail(MappingOtherPort, "got", int(given.external.Port()))
	}
	if err == nil {
		m.opened(ctx, s, wish, given)
		return true, Finding{}
	}
	var taken *conflict
	var no *refused
	switch {
	case errors.As(err, &taken):
		m.gone(ctx, wish)
		return fail(MappingConflict, "holder", taken.holder)
	case errors.As(err, &no):
		m.gone(ctx, wish)
		if no.disabled {
			return fail(MappingDisabled, "answer", no.answer)
		}
		return fail(MappingRefused, "answer", no.answer)
	case errors.Is(err, errOffline):
		m.gone(ctx, wish)
		return fail(MappingRefused, "answer", errOffline.Error())
	}
	// It may be open all the same: it stays remembered, is asked for again, and is
	// closed when nobody wants it.
	m.c.Log.Warn("the router did not answer", "method", s.method(), "port", f.External, "error", err)
	if old == nil {
		wish.Renew = now
		m.put(wish)
	}
	return fail(MappingUnanswered)
}

// opened notes what the router gave and asks it to show that.
func (m *Mapper) opened(ctx context.Context, s speaker, wish Mapping, given granted) {
	now := m.c.Clock.Now()
	wish.External, wish.Number = given.external, given.number
	wish.Expires, wish.Renew = time.Time{}, time.Time{}
	if given.lease > 0 {
		wish.Expires, wish.Renew = now.Add(given.lease), now.Add(given.lease/2)
	}
	if given.external.Addr().IsValid() && !wish.Forward.six() {
		m.router.External = given.external.Addr()
	}
	m.put(wish)
	there, known := m.verify(ctx, wish)
	if known && !there {
		// The router said yes and has it not; many ignore 80 and 443 like that.
		m.tell(mappingFinding(MappingLost, severityOf(wish.Forward), wish.Forward, wish.Method))
		m.gone(ctx, wish)
		return
	}
	wish.Verified = there
	m.put(wish)
	if err := m.c.Store.Remember(ctx, wish); err != nil {
		m.c.Log.Error("a forward's time is not remembered", "error", err)
	}
	m.tellOpen(wish)
}

func (m *Mapper) tellOpen(open Mapping) {
	code, s, until := MappingActive, Good, ""
	if !open.Verified {
		code, s = MappingUnproven, Tells
	}
	if !open.Expires.IsZero() {
		until = open.Expires.Format(time.RFC3339)
	}
	m.tell(mappingFinding(code, s, open.Forward, open.Method), "internal", open.Internal.String(), "until", until)
	if until == "" && !open.Forward.six() {
		m.tell(mappingFinding(MappingPermanent, Tells, open.Forward, open.Method))
	}
}

// same: both are the same row of the store.
func same(a, b Mapping) bool {
	return a.Gateway == b.Gateway && a.Method == b.Method && a.Forward.External == b.Forward.External
}

func (m *Mapper) put(one Mapping) {
	if i := slices.IndexFunc(m.mappings, func(old Mapping) bool { return same(old, one) }); i >= 0 {
		m.mappings[i] = one
		return
	}
	m.mappings = append(m.mappings, one)
}

func (m *Mapper) gone(ctx context.Context, one Mapping) {
	m.mappings = slices.DeleteFunc(m.mappings, func(old Mapping) bool { return same(old, one) })
	m.forget(ctx, one)
}

// mappingRemedies: what a person can do where the program could not.
func mappingRemedies(code Code, g Gateway, f Forward, holder any) []Remedy {
	byHand := forwardByHand(g, f)
	if f.six() {
		byHand = pinholeByHand(g, f.To, f.External)
	}
	switch code {
	case MappingConflict:
		return []Remedy{{Cure: CureFreeMapping, Params: map[string]any{"gateway": g.Address.String(), "holder": holder, "port": int(f.External)}}}
	case MappingDisabled:
		return []Remedy{{Cure: CureUPnP, Params: map[string]any{"gateway": g.Address.String()}}, byHand}
	case MappingUnanswered:
		return []Remedy{{Cure: CureWait}}
	}
	return []Remedy{byHand}
}

// inside is the address of this machine to which a forward leads.
func (m *Mapper) inside(f Forward) netip.Addr {
	if f.six() {
		return f.To
	}
	return m.router.Gateway.Local
}

// severityOf is how much it weighs that a forward is not there. Where IPv6 does not
// come in, clients come over IPv4.
func severityOf(f Forward) Severity {
	if f.six() {
		return Warns
	}
	return Blocks
}

// pinholeByHand is the same for IPv6.
func pinholeByHand(g Gateway, to netip.Addr, port uint16) Remedy {
	return Remedy{Cure: CurePinhole, Params: map[string]any{"gateway": text(g.Address), "address": text(to), "port": int(port)}}
}

// forwardByHand is what to enter in a router's own pages.
func forwardByHand(g Gateway, forwards ...Forward) Remedy {
	list := ""
	for i, f := range forwards {
		if i > 0 {
			list += ", "
		}
		list += strconv.Itoa(int(f.External)) + "→" + strconv.Itoa(int(f.Internal))
	}
	return Remedy{Cure: CureForward, Params: map[string]any{"gateway": text(g.Address), "local": text(g.Local), "forwards": list}}
}

func text(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
