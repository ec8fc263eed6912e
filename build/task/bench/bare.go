package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// bareVerb starts this program again as a server that does nothing but answer
// prepared bytes: the limit of net/http, in a process of its own so that its CPU
// can be told apart.
const bareVerb = "bare-server"

// bareServer serves a page of the given size until its standard input ends; with
// the files of a certificate and its key it does so over TLS.
func bareServer(size string, pair ...string) int {
	n, err := strconv.Atoi(size)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	page := []byte(strings.Repeat("a prepared page ", n/16+1)[:n])
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(n))
		_, _ = w.Write(page)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	serve := func() error { return server.Serve(listener) }
	if len(pair) == 2 {
		serve = func() error { return server.ServeTLS(listener, pair[0], pair[1]) }
	}
	go func() { _ = serve() }()
	fmt.Println(listener.Addr())
	_, _ = os.Stdin.Read(make([]byte, 1)) // ends with whoever started us
	_ = server.Close()
	return 0
}

// bare is such a server, running.
type bare struct {
	address string
	cmd     *exec.Cmd
}

func startBare(ctx context.Context, size int, pair ...string) (*bare, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{bareVerb, strconv.Itoa(size)}, pair...)...)
	if _, err := cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the bare server did not start: %w", err)
	}
	return &bare{strings.TrimSpace(line), cmd}, nil
}

func (b *bare) pid() int { return b.cmd.Process.Pid }

func (b *bare) stop() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait() // killed: its error is no news
}

// bareCost is the CPU of one prepared page in µs, and how many go out in a second.
func (e *environment) bareCost(ctx context.Context, size, conns int) (*outcome, error) {
	b, err := startBare(ctx, size)
	if err != nil {
		return nil, err
	}
	defer b.stop()
	request := get(b.address, "/", "")
	return load{address: b.address, pid: b.pid(), conns: conns, span: e.span, status: 200, request: func(int) []byte { return request }}.run(ctx)
}
