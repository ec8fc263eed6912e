package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// swarmOrigin is where the pages of a swarm come from, unless its head says else.
const swarmOrigin = "https://portal.example"

// dialing bounds how many handshakes a swarm has under way.
const dialing = 64

// swarm are thousands of sockets over TLS. It speaks a minimum of WebSocket,
// because it must cost less than what it measures.
type swarm struct {
	address string
	head    func(n int) string // path and further header lines: "/live HTTP/1.1\r\nCookie: …\r\n"
	again   bool               // whoever is cut comes back, as pages do
	slots   chan struct{}

	up, lost  atomic.Int64
	delivered atomic.Int64
	mu        sync.Mutex
	millis    []float64 // from the time that a frame begins with
	ended     atomic.Bool
	conns     []net.Conn
}

func newSwarm(address string, n int, head func(int) string) *swarm {
	return &swarm{address: address, head: head, slots: make(chan struct{}, dialing), conns: make([]net.Conn, n)}
}

// join connects everybody and returns when all listen.
func (s *swarm) join(ctx context.Context) error {
	return side(dialing, len(s.conns), func(i int) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r, err := s.dial(i)
		if err == nil {
			go s.listen(i, r)
		}
		return err
	})
}

func (s *swarm) dial(i int) (*bufio.Reader, error) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	conn, err := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: 30 * time.Second}, Config: &tls.Config{InsecureSkipVerify: true}}).Dial("tcp", s.address) //nolint:gosec // a server of this run, on loopback
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	_, err = io.WriteString(conn, "GET "+s.head(i)+"Host: "+s.address+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	r := bufio.NewReaderSize(conn, 512)
	if err == nil {
		var answer *http.Response
		if answer, err = http.ReadResponse(r, nil); err == nil && answer.StatusCode != http.StatusSwitchingProtocols {
			err = fmt.Errorf("a socket was refused: %s", answer.Status)
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	s.mu.Lock()
	s.conns[i] = conn
	s.mu.Unlock()
	s.up.Add(1)
	return r, nil
}

// listen counts frames until the connection ends, and comes back if it should.
func (s *swarm) listen(i int, r *bufio.Reader) {
	for {
		for {
			body, err := frameBody(r)
			if err != nil {
				break
			}
			if sent, _, ok := bytes.Cut(bytes.Trim(body, `"`), []byte(" ")); ok {
				at, _ := strconv.ParseInt(string(sent), 10, 64)
				took := float64(time.Now().UnixNano()-at) / 1e6
				s.mu.Lock()
				s.millis = append(s.millis, took)
				s.mu.Unlock()
				s.delivered.Add(1)
			}
		}
		s.up.Add(-1)
		s.lost.Add(1)
		_ = s.conns[i].Close()
		var err error
		for attempt := 1; s.again && !s.ended.Load(); attempt++ {
			most := min(30*time.Second, 500*time.Millisecond<<min(attempt, 6)) // as frontend/kit/src/live does
			time.Sleep(500*time.Millisecond + time.Duration(rand.Int64N(int64(most-500*time.Millisecond))))
			if r, err = s.dial(i); err == nil {
				break
			}
		}
		if !s.again || s.ended.Load() {
			return
		}
	}
}

// frameBody reads one frame of a server; pings are read and not answered, since
// servers are patient for longer than a measurement takes.
func frameBody(r *bufio.Reader) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := int(head[1])
	if size == 126 {
		var long [2]byte
		if _, err := io.ReadFull(r, long[:]); err != nil {
			return nil, err
		}
		size = int(binary.BigEndian.Uint16(long[:]))
	}
	body := make([]byte, size)
	_, err := io.ReadFull(r, body)
	if head[0]&0x0F == 8 {
		err = io.EOF
	}
	return body, err
}

// until waits until a condition holds.
func (s *swarm) until(ctx context.Context, most time.Duration, holds func() bool) bool {
	for end := time.Now().Add(most); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		if holds() {
			return true
		}
	}
	return holds()
}

func (s *swarm) close() {
	s.ended.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		if c != nil {
			_ = c.Close()
		}
	}
}
