package reach

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// pcp speaks RFC 6887: the opcodes ANNOUNCE (is anybody there) and MAP.
type pcp struct{ gateway Gateway }

const (
	pcpPort     = 5351 // shared with NAT-PMP; the first byte tells them apart
	pcpVersion  = 2
	pcpAnnounce = 0
	pcpMap      = 1
	pcpAnswer   = 0x80
	pcpTCP      = 6
	// pcpPreferFailure asks for this port or none (13.2).
	pcpPreferFailure = 2
)

// pcpResult is a result code (7.4).
type pcpResult byte

const (
	pcpNotAuthorized     pcpResult = 2
	pcpUnknownOption     pcpResult = 5
	pcpNetworkFailure    pcpResult = 7
	pcpCannotProvide     pcpResult = 11
	pcpAddressMismatch   pcpResult = 12
	pcpUnsupportedOpcode pcpResult = 4
)

func (r pcpResult) Error() string { return fmt.Sprintf("PCP result %d", byte(r)) }

// pcpMapping is the body of MAP (11.1).
type pcpMapping struct {
	nonce              []byte // 12 bytes
	internal, external uint16
	address            netip.Addr
}

func (p *pcp) method() Method { return PCP }

// external only finds out whether somebody is there: PCP tells the other side's
// address with a mapping.
func (p *pcp) external(ctx context.Context) (netip.Addr, time.Duration, error) {
	answer, err := p.exchange(ctx, p.header(pcpAnnounce, 0), nil)
	if err != nil && !errors.Is(err, pcpUnsupportedOpcode) {
		return netip.Addr{}, 0, explainPCP(err)
	}
	return netip.Addr{}, answer.epoch, nil
}

func (p *pcp) open(ctx context.Context, m Mapping, lease time.Duration) (granted, error) {
	want := pcpMapping{nonce: m.Nonce, internal: m.Internal.Port(), external: m.Forward.External, address: outer(m)}
	answer, err := p.mapping(ctx, want, lease, pcpPreferFailure)
	if errors.Is(err, pcpUnknownOption) {
		answer, err = p.mapping(ctx, want, lease)
	}
	if errors.Is(err, pcpCannotProvide) {
		return granted{}, &conflict{}
	}
	if err != nil {
		return granted{}, explainPCP(err)
	}
	external := netip.AddrPortFrom(answer.mapping.address.Unmap(), answer.mapping.external)
	return granted{external: external, lease: answer.lifetime}, nil
}

// outer is the address that is wished for on the other side: any, and over IPv6,
// where nothing is translated, one's own.
func outer(m Mapping) netip.Addr {
	if m.Forward.six() {
		return m.Internal.Addr()
	}
	return netip.IPv4Unspecified()
}

func (p *pcp) close(ctx context.Context, m Mapping) error {
	_, err := p.mapping(ctx, pcpMapping{nonce: m.Nonce, internal: m.Internal.Port(), address: outer(m)}, 0)
	return explainPCP(err)
}

func (p *pcp) shows(context.Context, Mapping) (bool, error) { return false, errCannotShow }

func explainPCP(err error) error {
	var r pcpResult
	switch {
	case !errors.As(err, &r):
		return err
	case r == pcpNetworkFailure:
		return errOffline
	}
	return &refused{answer: r.Error(), disabled: r == pcpNotAuthorized}
}

// header is what every request begins with (7.1).
func (p *pcp) header(opcode byte, lifetime time.Duration) []byte {
	b := make([]byte, 24, 64)
	b[0], b[1] = pcpVersion, opcode
	binary.BigEndian.PutUint32(b[4:], uint32(lifetime/time.Second))
	local := p.gateway.Local.As16()
	copy(b[8:], local[:])
	return b
}

func (p *pcp) mapping(ctx context.Context, m pcpMapping, lease time.Duration, options ...byte) (pcpReply, error) {
	b := p.header(pcpMap, lease)
	b = append(b, m.nonce...)
	b = append(b, pcpTCP, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, m.internal)
	b = binary.BigEndian.AppendUint16(b, m.external)
	address := m.address.As16()
	b = append(b, address[:]...)
	for _, option := range options {
		b = append(b, option, 0, 0, 0)
	}
	return p.exchange(ctx, b, m.nonce)
}

// pcpReply is an answer (7.2), with the mapping when it was about one.
type pcpReply struct {
	lifetime time.Duration
	epoch    time.Duration
	mapping  pcpMapping
}

// exchange asks and reads the answer.
func (p *pcp) exchange(ctx context.Context, request, nonce []byte) (reply pcpReply, err error) {
	conn, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(p.gateway.Local, 0)), net.UDPAddrFromAddrPort(netip.AddrPortFrom(p.gateway.Address, pcpPort)))
	if err != nil {
		return reply, err
	}
	var no error
	err = exchange(ctx, conn, request, func(answer []byte) (mine bool) {
		reply, mine, no = readPCP(answer, request[1], nonce)
		return mine
	})
	return reply, cmp.Or(err, no)
}

// readPCP reads an answer; it is mine when it answers this request.
func readPCP(b []byte, opcode byte, nonce []byte) (reply pcpReply, mine bool, err error) {
	if len(b) >= 4 && b[0] == 0 { // NAT-PMP only: "unsupported version"
		return reply, true, errSilent
	}
	if len(b) < 24 || b[0] != pcpVersion || b[1] != opcode|pcpAnswer {
		return reply, false, nil
	}
	reply.lifetime = time.Duration(binary.BigEndian.Uint32(b[4:])) * time.Second
	reply.epoch = time.Duration(binary.BigEndian.Uint32(b[8:])) * time.Second
	if opcode == pcpMap && len(b) >= 60 {
		if !bytes.Equal(b[24:36], nonce) {
			return reply, false, nil
		}
		address, _ := netip.AddrFromSlice(b[44:60])
		reply.mapping = pcpMapping{nonce: nonce, internal: binary.BigEndian.Uint16(b[40:]), external: binary.BigEndian.Uint16(b[42:]), address: address}
	}
	if b[3] != 0 {
		return reply, true, pcpResult(b[3])
	}
	if opcode == pcpMap && len(b) < 60 {
		return reply, true, errors.New("a PCP answer without its mapping")
	}
	return reply, true, nil
}

// newNonce is what makes a mapping ours (11.2).
func newNonce() []byte {
	nonce := make([]byte, 12)
	_, _ = rand.Read(nonce) // never fails
	return nonce
}
