package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"portico/backend"
	"portico/backend/kernel/reach"
	"portico/backend/kernel/web"
)

// grace is how long requests that are being answered may take when Portico stops.
const grace = 10 * time.Second

// plan says what a house opens: the window and serve differ in nothing else.
type plan struct {
	dir, database, secrets string
	base                   string // "" is the listener's own address
	listen, staff          string // staff "" opens no listener for a browser
	listenTLS              string // "" opens no listener for https
	nearPort               bool   // take the next free port when the wanted one is taken
	outside                uint16 // listen for the world, and at this port for https, once the owner sets a name up; 0: never
	domain                 backend.DomainConfig
	trusted                []netip.Prefix
	share                  int // connections of one address; 0: half of what there is
	log                    *slog.Logger
	show                   func() // shows the window; nil where there is none
}

// house is a running Portico: the store with everything behind it, the listeners
// and the local socket.
type house struct {
	engine
	portalURL, staffURL string
	log                 *slog.Logger
	mu                  sync.Mutex // guards servers: doors are opened while it runs, too
	servers             []*http.Server
	front               *movable // the portal's listener in clear
	clear, secure       int      // connections that the portal's listeners may hold
	share               int      // of them, for one address; 0: half
	trusted             []netip.Prefix
	outside             outside
	stopEngine          context.CancelFunc
	engineDone          chan struct{}
	failed              chan error
	end                 func() error
}

// settled is when a start is over, the store's first check included. What it took
// goes back to the system then; while nobody asks anything, nothing else would.
const settled = 30 * time.Second

// openHouse starts in this order: lock and store (in the engine), listeners,
// local socket, work in the background, requests. What was opened is closed
// again when a later step fails.
func (p *program) openHouse(ctx context.Context, o plan) (*house, error) {
	b, err := p.backend(ctx, backend.Config{Data: o.dir, Database: o.database, Secrets: o.secrets, BaseURL: o.base, Trusted: o.trusted, Version: Version, Log: o.log, Domain: o.domain})
	if err != nil {
		return nil, err
	}
	h := &house{engine: b, log: o.log, share: o.share, trusted: o.trusted, engineDone: make(chan struct{}), failed: make(chan error, 4)}
	h.clear, h.secure = portalConnections(openFiles(), o.listenTLS != "" || o.outside != 0)
	h.end = sync.OnceValue(h.shut)
	doors, err := h.openDoors(o)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	// The engine outlives ctx: it ends in shut, after the listeners.
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stopEngine = stop
	go func() {
		defer close(h.engineDone)
		if err := b.Run(work); err != nil && work.Err() == nil {
			h.failed <- err
		}
	}()
	for _, d := range doors {
		h.serve(d)
	}
	if o.outside != 0 {
		h.OnDomain(func() { h.openOutside(o) })
	}
	time.AfterFunc(settled, debug.FreeOSMemory)
	o.log.Info("ready", "portal", h.portalURL, "staff", h.staffURL)
	return h, nil
}

// serve answers at a door until the house is shut.
func (h *house) serve(d door) {
	server := web.NewServer(d.handler, h.log)
	h.mu.Lock()
	h.servers = append(h.servers, server)
	h.mu.Unlock()
	listener := d.listener
	if d.most > 0 {
		share := d.share
		if share == 0 {
			share = max(d.most/2, 1)
		}
		listener = netutil.LimitListener(newShareListener(listener, share, h.trusted), d.most)
	}
	run := func() error { return server.Serve(listener) }
	if d.tls != nil {
		server.TLSConfig = d.tls
		run = func() error { return server.ServeTLS(listener, "", "") }
	}
	go func() {
		if err := run(); !errors.Is(err, http.ErrServerClosed) && !d.moved() {
			h.failed <- err
		}
	}()
}

func (h *house) openDoors(o plan) (doors []door, err error) {
	defer func() {
		if err != nil {
			for _, d := range doors {
				_ = d.listener.Close()
			}
		}
	}()
	listen := func() (net.Listener, error) { return listenTCP("listen", o.listen) }
	if o.nearPort {
		listen = func() (net.Listener, error) { return listenNear(o.listen) }
	}
	portal, err := listen()
	if err != nil {
		return doors, err
	}
	h.front = &movable{Listener: portal}
	doors = append(doors, door{listener: h.front, handler: h.Portal(), most: h.clear, share: h.share})
	h.portalURL = o.base
	if h.portalURL == "" {
		h.portalURL = urlOf(portal)
	}
	h.SetBaseURL(h.portalURL)
	var secure reach.Listen
	if o.listenTLS != "" {
		l, err := listenTCP("listen-tls", o.listenTLS)
		if err != nil {
			return doors, err
		}
		doors = append(doors, door{listener: l, handler: h.Portal(), tls: h.TLSConfig(), most: h.secure, share: h.share})
		secure = listenAt(l)
	}
	h.Listening(listenAt(portal), secure)
	if o.staff != "" {
		staff, err := listenTCP("staff", o.staff)
		if err != nil {
			return doors, err
		}
		doors = append(doors, door{listener: staff, handler: h.Staff()})
		h.staffURL = urlOf(staff)
		h.SetStaffURL(h.staffURL)
	}
	socket, err := listenSocket(o.dir)
	if err != nil {
		return doors, placeFault(o.dir, err)
	}
	return append(doors, door{listener: socket, handler: h.socketOnly(o.show)}), nil
}

// The two requests of the local socket that the backend cannot answer: a second
// start of the window asks the first one to show itself, and an address for a
// browser needs a listener for browsers.
const (
	showPath      = "/api/staff/window/show"
	staffLinkPath = "/api/staff/staff-link"
)

// socketOnly answers what only this process knows, and leaves the rest to the backend.
func (h *house) socketOnly(show func()) http.Handler {
	next := h.Socket()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var no error
		switch {
		case r.Method != http.MethodPost:
		case r.URL.Path == showPath && show != nil:
			show()
			w.WriteHeader(http.StatusNoContent)
			return
		case r.URL.Path == showPath:
			no = errServing
		case r.URL.Path == staffLinkPath && h.staffURL == "":
			no = errNoStaffListener
		}
		if no != nil {
			web.WriteProblem(w, r, no, speak, h.log)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// local is a client of this house that crosses no socket.
func (h *house) local() *client { return newClient(inProcess{h.Socket()}) }

// shut stops in this order: accept no more and let requests end, then the work in
// the background, then the store, which lets go of the data folder.
func (h *house) shut() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var drained sync.WaitGroup
	h.mu.Lock()
	servers := slices.Clone(h.servers)
	h.mu.Unlock()
	for _, server := range servers {
		drained.Go(func() {
			if err := server.Shutdown(ctx); err != nil {
				h.log.Warn("requests were cut off at the end of the grace period")
				_ = server.Close()
			}
		})
	}
	drained.Go(func() { // beside it: Shutdown does not know sockets, and waits for polls, which end with them
		if err := h.CloseSockets(ctx); err != nil {
			h.log.Warn("live connections were cut off at the end of the grace period")
		}
	})
	drained.Wait()
	h.stopEngine()
	<-h.engineDone
	err := h.Close()
	h.log.Info("stopped")
	return err
}
