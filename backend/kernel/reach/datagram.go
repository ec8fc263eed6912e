package reach

import (
	"context"
	"errors"
	"net"
	"time"
)

// firstWait is how long an answer is waited for before asking again; then twice as
// long each time, since datagrams get lost (RFC 6886, 3.1; 6887, 8.1.1; 8489, 6.2.1).
const firstWait = 250 * time.Millisecond

// exchange sends a datagram until an answer is mine, or ctx ends. The socket is
// connected, so the kernel hands over only what the one asked has sent; exchange
// closes it.
func exchange(ctx context.Context, conn net.Conn, request []byte, mine func(answer []byte) bool) error {
	ctx, done := context.WithCancel(ctx)
	closed := make(chan struct{})
	context.AfterFunc(ctx, func() { defer close(closed); _ = conn.Close() })
	again := make(chan struct{})
	go func() {
		defer close(again)
		for wait := firstWait; ctx.Err() == nil; wait *= 2 {
			_, _ = conn.Write(request) // what goes wrong is seen by the reader
			select {
			case <-ctx.Done():
			case <-time.After(wait):
			}
		}
	}()
	defer func() { done(); <-again; <-closed }()
	packet := make([]byte, 1500)
	for {
		n, err := conn.Read(packet)
		if err != nil {
			return errors.Join(errSilent, err)
		}
		if mine(packet[:n]) {
			return nil
		}
	}
}
