// Package reachtest is what tests of being reachable need: a router that speaks
// UPnP-IGD, NAT-PMP and PCP, servers that tell the public address, and (on Linux, as
// root) networks of their own with a real NAT in them. Nothing leaves this machine.
package reachtest

import (
	"cmp"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portico/backend/kernel/clock"
)

// Options say what a Router is like. Its zero value speaks nothing.
type Options struct {
	UPnP, NATPMP, PCP bool
	Firewall          bool                   // its UPnP speaks of a firewall for IPv6
	PCP6              bool                   // it speaks PCP at ::1, for IPv6
	Full              bool                   // it takes no more holes for IPv6
	Unguarded         bool                   // its firewall for IPv6 is off
	Address           netip.Addr             // its address on our side; invalid: one of loopback that no other test has
	External          netip.Addr             // its address on the other side; invalid: not connected
	Disabled          bool                   // its owner switched opening ports off
	Permanent         bool                   // it knows no leases (UPnP error 725)
	OtherPort         bool                   // NAT-PMP and PCP hand out another port than asked
	Forgetful         bool                   // it says yes and does nothing, as many do for 80 and 443
	NoOptions         bool                   // its PCP knows no options
	Name              string                 // "": Test Router
	UDN               string                 // "": made of its address
	Location          string                 // where its description is said to be; "": where it is
	Group             *net.Interface         // also hear the SSDP multicast group there
	Clock             clock.Clock            // nil: the machine's
	Changed           func(e Entry, on bool) // called when a forward opens or closes
}

// Entry is a forward in a Router.
type Entry struct {
	External    uint16
	Internal    netip.AddrPort
	Method      string // upnp, natpmp or pcp
	Description string
	Nonce       string
	Number      uint16    // of a hole for IPv6
	Expires     time.Time // zero: never
}

// Router is a fake router on an address of its own.
type Router struct {
	Gateway     netip.Addr     // its address on our side
	Search      netip.AddrPort // where it hears SSDP searches
	Description string         // the URL of its description

	mu       sync.Mutex
	o        Options
	entries  map[uint16]Entry
	holes    map[uint16]Entry // by number
	holed    uint16           // numbers given out
	started  time.Time
	heard    []string
	location string
}

// NewRouter starts a router that lives as long as the test.
func NewRouter(t testing.TB, o Options) *Router {
	t.Helper()
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Name == "" {
		o.Name = "Test Router"
	}
	r := &Router{Gateway: o.Address, o: o, entries: map[uint16]Entry{}, holes: map[uint16]Entry{}, started: o.Clock.Now().Add(-time.Hour)}
	if !r.Gateway.IsValid() {
		r.Gateway = freeLoopback(t)
	}
	r.o.UDN = cmp.Or(o.UDN, "uuid:"+r.Gateway.String())
	if o.NATPMP || o.PCP {
		conn := listenUDP(t, netip.AddrPortFrom(r.Gateway, 5351))
		go r.datagrams(conn, r.control)
	}
	if o.PCP6 {
		go r.datagrams(onlySixth(t), r.control)
	}
	if o.UPnP {
		r.serveUPnP(t)
	}
	return r
}

// freeLoopback finds an address of 127/8 whose port 5351 nobody has: the port is
// fixed by the protocol.
func freeLoopback(t testing.TB) netip.Addr {
	t.Helper()
	for i := range 4000 {
		a := netip.AddrFrom4([4]byte{127, 53, byte(i >> 8), byte(i)})
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 5351)))
		switch {
		case err == nil:
			// Held by a second socket until the test ends, so that no other test takes it.
			guard, err := net.Listen("tcp4", netip.AddrPortFrom(a, 5351).String())
			_ = conn.Close()
			if err != nil {
				continue
			}
			t.Cleanup(func() { _ = guard.Close() })
			return a
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			t.Skip("this system has no loopback address but 127.0.0.1")
		}
	}
	t.Fatal("every loopback address is taken")
	return netip.Addr{}
}

func listenUDP(t testing.TB, at netip.AddrPort) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// datagrams answers until the socket is closed.
func (r *Router) datagrams(conn *net.UDPConn, answer func(packet []byte, from netip.AddrPort) []byte) {
	packet := make([]byte, 2048)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(packet)
		if err != nil {
			return
		}
		if out := answer(packet[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port())); out != nil {
			_, _ = conn.WriteToUDPAddrPort(out, from)
		}
	}
}

// Table is what is open now.
func (r *Router) Table() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	var all []Entry
	for _, e := range r.entries {
		all = append(all, e)
	}
	return all
}

// Open puts a forward of somebody else's in.
func (r *Router) Open(e Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(e)
}

// Change alters what the router is like from now on.
func (r *Router) Change(f func(*Options)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.o)
}

// Restart forgets every forward, as a power cut does.
func (r *Router) Restart() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for port := range r.entries {
		r.take(port)
	}
	clear(r.holes)
	r.started = r.o.Clock.Now()
}

// Heard are the requests so far: "upnp AddPortMapping", "pcp MAP", "natpmp 2".
func (r *Router) Heard() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.heard...)
}

func (r *Router) put(e Entry) {
	r.entries[e.External] = e
	if r.o.Changed != nil {
		r.o.Changed(e, true)
	}
}

func (r *Router) take(port uint16) {
	e, ok := r.entries[port]
	delete(r.entries, port)
	if ok && r.o.Changed != nil {
		r.o.Changed(e, false)
	}
}

func (r *Router) expire() {
	over := func(e Entry) bool { return !e.Expires.IsZero() && !r.o.Clock.Now().Before(e.Expires) }
	for port, e := range r.entries {
		if over(e) {
			r.take(port)
		}
	}
	maps.DeleteFunc(r.holes, func(_ uint16, e Entry) bool { return over(e) })
}

func (r *Router) until(seconds uint32) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return r.o.Clock.Now().Add(time.Duration(seconds) * time.Second)
}

// control answers NAT-PMP (version 0) and PCP (version 2) on their shared port.
func (r *Router) control(b []byte, from netip.AddrPort) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	switch {
	case len(b) >= 2 && b[0] == 0 && r.o.NATPMP:
		return r.natpmp(b, from)
	case len(b) >= 24 && b[0] == 2 && (r.o.PCP || r.o.PCP6):
		return r.pcp(b, from)
	case len(b) >= 2 && r.o.PCP: // RFC 6887, 9: unsupported version
		out := make([]byte, 24)
		out[0], out[1], out[3] = 2, b[1]|0x80, 1
		return out
	case len(b) >= 2 && r.o.NATPMP: // RFC 6886, 3.5: the same
		out := []byte{0, b[1] | 0x80, 0, 1}
		return binary.BigEndian.AppendUint32(out, r.uptime())
	}
	return nil
}

func (r *Router) uptime() uint32 { return uint32(r.o.Clock.Now().Sub(r.started) / time.Second) }

func (r *Router) natpmp(b []byte, from netip.AddrPort) []byte {
	r.heard = append(r.heard, fmt.Sprintf("natpmp %d", b[1]))
	out := []byte{0, b[1] | 0x80, 0, 0}
	out = binary.BigEndian.AppendUint32(out, r.uptime())
	if b[1] == 0 {
		if !r.o.External.IsValid() {
			out[3] = 3
		}
		a := netip.IPv4Unspecified().As4()
		if r.o.External.IsValid() {
			a = r.o.External.As4()
		}
		return append(out, a[:]...)
	}
	if len(b) < 12 || b[1] != 2 {
		out[3] = 5
		return out
	}
	internal, external := binary.BigEndian.Uint16(b[4:]), binary.BigEndian.Uint16(b[6:])
	lease := binary.BigEndian.Uint32(b[8:])
	port, code := r.mapped("natpmp", netip.AddrPortFrom(from.Addr(), internal), external, lease, "", false)
	if code != 0 {
		out[3] = map[byte]byte{2: 2, 7: 3, 11: 4}[code]
	}
	out = binary.BigEndian.AppendUint16(out, internal)
	out = binary.BigEndian.AppendUint16(out, port)
	return binary.BigEndian.AppendUint32(out, lease)
}

// mapped opens, renews or closes a forward the way NAT-PMP and PCP do, and answers
// the port and a PCP result code.
func (r *Router) mapped(method string, internal netip.AddrPort, external uint16, lease uint32, nonce string, exactly bool) (uint16, byte) {
	if r.o.Disabled {
		return 0, 2
	}
	if !r.o.External.IsValid() {
		return 0, 7
	}
	if lease == 0 {
		for port, e := range r.entries {
			if e.Internal == internal && e.Method == method && e.Nonce == nonce {
				r.take(port)
			}
		}
		return 0, 0
	}
	if r.o.OtherPort {
		external += 1000
	}
	if e, taken := r.entries[external]; taken && (e.Internal != internal || e.Nonce != nonce) {
		if exactly {
			return 0, 11
		}
		external += 2000
	}
	if exactly && r.o.OtherPort {
		return 0, 11
	}
	if !r.o.Forgetful {
		r.put(Entry{External: external, Internal: internal, Method: method, Nonce: nonce, Expires: r.until(lease)})
	}
	return external, 0
}

func (r *Router) pcp(b []byte, from netip.AddrPort) []byte {
	out := make([]byte, 24, 64)
	out[0], out[1] = 2, b[1]|0x80
	copy(out[4:8], b[4:8])
	binary.BigEndian.PutUint32(out[8:], r.uptime())
	client, _ := netip.AddrFromSlice(b[8:24])
	switch {
	case b[1] == 0:
		r.heard = append(r.heard, "pcp ANNOUNCE")
	case client.Unmap() != from.Addr():
		out[3] = 12
	case b[1] == 1 && len(b) >= 60:
		r.heard = append(r.heard, "pcp MAP")
		if len(b) > 60 && r.o.NoOptions {
			out[3] = 5
			return append(out, b[24:60]...)
		}
		internal, external := binary.BigEndian.Uint16(b[40:]), binary.BigEndian.Uint16(b[42:])
		port, code := r.mappedFor(from)("pcp", netip.AddrPortFrom(from.Addr(), internal), external, binary.BigEndian.Uint32(b[4:]), string(b[24:36]), len(b) > 60)
		out[3] = code
		out = append(out, b[24:42]...)
		out = binary.BigEndian.AppendUint16(out, port)
		a := netip.IPv6Unspecified().As16()
		if from.Addr().Is6() {
			a = from.Addr().As16()
		} else if r.o.External.IsValid() {
			a = r.o.External.As16()
		}
		return append(out, a[:]...)
	default:
		out[3] = 4
	}
	return out
}

// serveUPnP starts SSDP and the description with its SOAP endpoint.
func (r *Router) serveUPnP(t testing.TB) {
	listener, err := net.Listen("tcp4", netip.AddrPortFrom(r.Gateway, 0).String())
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	r.Description = base + "/root.xml"
	r.location = cmp.Or(r.o.Location, r.Description)
	server := &http.Server{Handler: http.HandlerFunc(r.soap), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	if r.o.Group == nil {
		conn := listenUDP(t, netip.AddrPortFrom(r.Gateway, 1900))
		r.Search = conn.LocalAddr().(*net.UDPAddr).AddrPort()
		go r.datagrams(conn, r.ssdp)
		return
	}
	// This socket hears the group and the router's own address alike.
	group, err := net.ListenMulticastUDP("udp4", r.o.Group, net.UDPAddrFromAddrPort(netip.MustParseAddrPort("239.255.255.250:1900")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = group.Close() })
	r.Search = netip.AddrPortFrom(r.Gateway, 1900)
	go r.datagrams(group, r.ssdp)
}

func (r *Router) ssdp(b []byte, _ netip.AddrPort) []byte {
	const kind = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
	if !strings.HasPrefix(string(b), "M-SEARCH * HTTP/1.1\r\n") || !strings.Contains(string(b), "ST: "+kind+"\r\n") {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = append(r.heard, "upnp M-SEARCH")
	return []byte("HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nEXT:\r\nSERVER: test UPnP/1.0\r\nST: " + kind + "\r\nUSN: uuid:test::" + kind + "\r\nLOCATION: " + r.location + "\r\n\r\n")
}

const description = `<?xml version="1.0"?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion>
<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><friendlyName>%s</friendlyName><UDN>%s</UDN>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:WANPPPConnection:1</serviceType><serviceId>ppp</serviceId><SCPDURL>/ppp.xml</SCPDURL><controlURL>/ppp</controlURL><eventSubURL>/e</eventSubURL></service>
<service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><serviceId>ip</serviceId><SCPDURL>/ip.xml</SCPDURL><controlURL>/ip</controlURL><eventSubURL>/e</eventSubURL></service>%s</serviceList>
</device></deviceList></device></deviceList></device></root>`

type action struct {
	Body struct {
		Inner []byte `xml:",innerxml"`
	}
}

type arguments struct {
	XMLName                   xml.Name
	NewExternalPort           uint16
	NewProtocol               string
	NewInternalPort           uint16
	NewInternalClient         string
	NewPortMappingDescription string
	NewLeaseDuration          uint32
	InternalClient            string
	InternalPort              uint16
	LeaseTime                 uint32
	UniqueID                  uint16
}

func (r *Router) soap(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire()
	if req.URL.Path == "/root.xml" {
		more := ""
		if r.o.Firewall {
			more = firewall
		}
		_, _ = fmt.Fprintf(w, description, r.o.Name, r.o.UDN, more)
		return
	}
	raw, _ := io.ReadAll(req.Body)
	var envelope action
	var a arguments
	if xml.Unmarshal(raw, &envelope) != nil || xml.Unmarshal(envelope.Body.Inner, &a) != nil {
		http.Error(w, "no SOAP", http.StatusBadRequest)
		return
	}
	r.heard = append(r.heard, "upnp "+a.XMLName.Local)
	act := r.act
	if req.URL.Path == "/fw" {
		act = r.guard
	}
	fields, code, words := act(req.URL.Path, a)
	w.Header().Set("Content-Type", "text/xml")
	if code != 0 {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>%d</errorCode><errorDescription>%s</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>`, code, words)
		return
	}
	_, _ = fmt.Fprintf(w, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:%sResponse xmlns:u="%s">%s</u:%sResponse></s:Body></s:Envelope>`, a.XMLName.Local, a.XMLName.Space, fields, a.XMLName.Local)
}

// act does what an action of WANIPConnection:1 asks for.
func (r *Router) act(path string, a arguments) (fields string, code int, words string) {
	connected := path == "/ip" && r.o.External.IsValid()
	e, taken := r.entries[a.NewExternalPort]
	switch a.XMLName.Local {
	case "GetStatusInfo":
		status := "Disconnected"
		if connected {
			status = "Connected"
		}
		return "<NewConnectionStatus>" + status + "</NewConnectionStatus><NewLastConnectionError>ERROR_NONE</NewLastConnectionError><NewUptime>60</NewUptime>", 0, ""
	case "GetExternalIPAddress":
		if !connected {
			return "<NewExternalIPAddress></NewExternalIPAddress>", 0, ""
		}
		return "<NewExternalIPAddress>" + r.o.External.String() + "</NewExternalIPAddress>", 0, ""
	case "GetSpecificPortMappingEntry":
		if !taken {
			return "", 714, "NoSuchEntryInArray"
		}
		return fmt.Sprintf("<NewInternalPort>%d</NewInternalPort><NewInternalClient>%s</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription>%s</NewPortMappingDescription><NewLeaseDuration>60</NewLeaseDuration>",
			e.Internal.Port(), e.Internal.Addr(), e.Description), 0, ""
	case "AddPortMapping":
		client, err := netip.ParseAddr(a.NewInternalClient)
		switch {
		case r.o.Disabled:
			return "", 606, "Action not authorized"
		case err != nil || a.NewProtocol != "TCP":
			return "", 402, "Invalid Args"
		case r.o.Permanent && a.NewLeaseDuration != 0:
			return "", 725, "OnlyPermanentLeasesSupported"
		case taken && e.Internal.Addr() != client:
			return "", 718, "ConflictInMappingEntry"
		case !r.o.Forgetful:
			r.put(Entry{External: a.NewExternalPort, Internal: netip.AddrPortFrom(client, a.NewInternalPort), Method: "upnp", Description: a.NewPortMappingDescription, Expires: r.until(a.NewLeaseDuration)})
		}
		return "", 0, ""
	case "DeletePortMapping":
		if !taken {
			return "", 714, "NoSuchEntryInArray"
		}
		r.take(a.NewExternalPort)
		return "", 0, ""
	}
	return "", 401, "Invalid Action"
}
