package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// load is a number of requests sent to one server. The generator speaks a minimum
// of HTTP/1.1, because it must cost less than what it measures.
type load struct {
	address string                   // host:port, on loopback
	pid     int                      // whose CPU is counted
	conns   int                      // connections, each with one request under way
	rate    float64                  // open loop: requests a second, latency from the intended time; 0: closed loop
	tls     *tls.Config              // nil: in clear
	span    time.Duration            // how long, unless total ends it
	total   int                      // how many; 0: as many as fit
	request func(n int) []byte       // the whole request, with its Host
	status  int                      // the one that counts as success
	answer  func(n int, head []byte) // is shown each answer's head; nil: nobody looks
}

// outcome is what a load met.
type outcome struct {
	done   int
	perS   float64
	cpu    float64 // µs of the server for each request
	millis []float64
}

// p is a quantile of the latencies in ms.
func (o *outcome) p(q float64) float64 { return quantile(o.millis, q) }

// get is a request without a body.
func get(address, path, headers string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\n" + headers + "\r\n")
}

// post is a request with a body.
func post(address, path, headers, body string) []byte {
	return []byte("POST " + path + " HTTP/1.1\r\nHost: " + address + "\r\n" + headers + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
}

// run sends; an answer of another status, or none, fails the whole run.
func (l load) run(ctx context.Context) (*outcome, error) {
	if host, _, err := net.SplitHostPort(l.address); err != nil || !net.ParseIP(host).IsLoopback() {
		return nil, errors.New("only loopback addresses are allowed")
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	out := &outcome{}
	var failed error
	began, cpu := time.Now(), cpuOf(l.pid)
	for range l.conns {
		wg.Go(func() {
			took, err := l.sender(ctx, &next, began)
			mu.Lock()
			defer mu.Unlock()
			out.millis = append(out.millis, took...)
			if err != nil && failed == nil {
				failed = err
			}
		})
	}
	wg.Wait()
	wall := time.Since(began)
	if failed != nil {
		return nil, failed
	}
	if out.done = len(out.millis); out.done == 0 {
		return nil, errors.New("nothing was sent")
	}
	out.perS = float64(out.done) / wall.Seconds()
	out.cpu = float64((cpuOf(l.pid) - cpu).Microseconds()) / float64(out.done)
	return out, ctx.Err()
}

// sender works with one connection until its time or the requests are over.
func (l load) sender(ctx context.Context, next *atomic.Int64, began time.Time) (took []float64, err error) {
	c, err := net.Dial("tcp", l.address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if l.tls != nil {
		c = tls.Client(c, l.tls)
	}
	r := bufio.NewReaderSize(c, 64<<10)
	for ctx.Err() == nil {
		n := int(next.Add(1) - 1)
		if l.total > 0 && n >= l.total {
			return took, nil
		}
		from := time.Now()
		if l.rate > 0 {
			from = began.Add(time.Duration(float64(n) / l.rate * float64(time.Second)))
			time.Sleep(time.Until(from))
		}
		if l.total == 0 && from.Sub(began) > l.span {
			return took, nil
		}
		if _, err := c.Write(l.request(n)); err != nil {
			return took, err
		}
		status, head, err := readAnswer(r)
		if err != nil {
			return took, err
		}
		if status != l.status {
			return took, fmt.Errorf("answered %d instead of %d", status, l.status)
		}
		took = append(took, float64(time.Since(from).Nanoseconds())/1e6)
		if l.answer != nil {
			l.answer(n, head)
		}
	}
	return took, ctx.Err()
}

// readAnswer reads one answer and drops its body.
func readAnswer(r *bufio.Reader) (status int, head []byte, err error) {
	length, chunked := 0, false
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		if len(line) <= 2 {
			break
		}
		head = append(head, line...)
		if first {
			if len(line) < 12 {
				return 0, nil, errors.New("this is no HTTP")
			}
			status, err = strconv.Atoi(string(line[9:12]))
			if err != nil {
				return 0, nil, err
			}
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, err = strconv.Atoi(strings.TrimSpace(string(value)))
			if err != nil {
				return 0, nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	if chunked {
		return status, head, dropChunks(r)
	}
	_, err = r.Discard(length)
	return status, head, err
}

func dropChunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(strings.TrimSpace(string(line)), 16, 64)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, r, size+2); err != nil {
			return err
		}
		if size == 0 {
			return nil
		}
	}
}
