package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"portico/backend/kernel/live"
)

// liveVerb starts this program again as a WebSocket server over TLS: "bare" is
// gorilla with nothing around it, "hub" is kernel/live. Each line of its standard
// input is a broadcast of so many bytes, or "drop", which ends every connection.
const liveVerb = "live-server"

// broadcaster is what such a server does.
type broadcaster interface {
	join(w http.ResponseWriter, r *http.Request)
	send(data string)
	drop()
}

func liveServer(kind string) int {
	certificate, err := selfSigned()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var b broadcaster = &bareRoom{members: map[*bareMember]struct{}{}}
	if kind == "hub" {
		b = newHubRoom()
	}
	server := &http.Server{Handler: http.HandlerFunc(b.join), ReadHeaderTimeout: 30 * time.Second, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	fmt.Println(listener.Addr())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); { // ends with whoever started us
		if lines.Text() == "drop" {
			b.drop()
			continue
		}
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		b.send(strconv.FormatInt(time.Now().UnixNano(), 10) + " " + strings.Repeat("x", n))
	}
	_ = server.Close()
	return 0
}

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// hubRoom is kernel/live with everybody in one room.
type hubRoom struct {
	hub     *live.Hub
	mu      sync.Mutex
	persons map[string]bool
}

func newHubRoom() *hubRoom {
	h := &hubRoom{hub: live.New(live.Deps{Log: slog.New(slog.DiscardHandler)}), persons: map[string]bool{}}
	go h.hub.Run(context.Background())
	return h
}

func (h *hubRoom) join(w http.ResponseWriter, r *http.Request) {
	person := r.URL.Query().Get("n")
	h.mu.Lock()
	h.persons[person] = true
	h.mu.Unlock()
	if err := h.hub.Serve(w, r, live.Identity{Audience: live.Portal, Person: person, Session: "se_" + person}, []string{swarmOrigin}); err != nil {
		w.WriteHeader(http.StatusForbidden)
	}
}

func (h *hubRoom) everybody() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make([]string, 0, len(h.persons))
	for person := range h.persons {
		out = append(out, person)
	}
	return out
}

func (h *hubRoom) send(data string) { h.hub.PublishTo(live.Portal, h.everybody(), data) }

func (h *hubRoom) drop() {
	for _, person := range h.everybody() {
		h.hub.DropPerson(person)
	}
}

// bareRoom is the limit: a goroutine that reads and one that writes for each
// connection, and a prepared message in each one's queue.
type bareRoom struct {
	mu      sync.Mutex
	members map[*bareMember]struct{}
}

type bareMember struct {
	conn  *websocket.Conn
	queue chan *websocket.PreparedMessage
}

func (b *bareRoom) join(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	m := &bareMember{conn, make(chan *websocket.PreparedMessage, 64)}
	b.mu.Lock()
	b.members[m] = struct{}{}
	b.mu.Unlock()
	go func() {
		for message := range m.queue {
			_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
			if conn.WritePreparedMessage(message) != nil {
				return
			}
		}
	}()
	go func() {
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				b.mu.Lock()
				delete(b.members, m)
				close(m.queue)
				b.mu.Unlock()
				_ = conn.Close()
				return
			}
		}
	}()
}

func (b *bareRoom) send(data string) {
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(`"`+data+`"`))
	if err != nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for m := range b.members {
		select {
		case m.queue <- message:
		default:
		}
	}
}

func (b *bareRoom) drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for m := range b.members {
		_ = m.conn.Close()
	}
}
