package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	store               storeFlags
	listen, staff, base string
	listenTLS           string
	domain              domainFlags
	trusted             []string
	perAddress          int
	json                bool
}

func (p *program) serveVerb() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run without a window, with the dashboard for a browser",
		Long: `Serve runs Portico without a window: the portal for clients on one address, the
staff dashboard for a browser on another one that only this computer reaches.
At start it prints a one-time address that signs you in to the dashboard;
portico staff-link prints a new one at any time.

On --listen the portal speaks plain HTTP and therefore serves only this computer,
the local network, or a proxy that does HTTPS (--base-url https://…). With
--listen-tls it speaks HTTPS itself: choose a name with portico domain set, and it
gets a certificate and keeps it good. --listen then also answers the certificate
authority and leads that name's pages to HTTPS.

Ctrl-C stops it: no new requests, those being answered end, then the store is
closed. A second Ctrl-C ends it at once; nothing that was saved is lost.

` + exitCodesHelp,
		Example: `  portico serve
  portico serve --data /srv/portico --listen 192.168.1.20:8080
  portico serve --base-url https://portal.example.com --trusted-proxy 127.0.0.1
  portico serve --listen :80 --listen-tls :443
  portico serve --listen 127.0.0.1:0 --staff 127.0.0.1:0 --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context(), o) },
	}
	o.store.add(cmd.Flags())
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", defaultListen, "where the portal for clients listens, as `address:port`; port 0 takes any free one")
	f.StringVar(&o.listenTLS, "listen-tls", "", "where it listens for https, as `address:port`, such as :443 (default: nowhere)")
	f.StringVar(&o.staff, "staff", defaultStaff, "where the staff dashboard listens, as `address:port`; only addresses of this computer")
	f.StringVar(&o.base, "base-url", "", "the `address` that clients open, used in links and mails (default: http:// and the address of --listen)")
	f.StringSliceVar(&o.trusted, "trusted-proxy", nil, "believe the client addresses that this `network` forwards, such as 10.0.0.0/8; can be repeated")
	f.IntVar(&o.perAddress, "per-address", 0, "how many connections one address may hold, a proxy named above any `number` (default: half of what this system allows)")
	f.BoolVar(&o.json, "json", false, "when ready, print one line of JSON with the addresses, and nothing else on stdout")
	o.domain.add(f)
	markOnce(f, "json")
	return cmd
}

// plan checks the addresses before anything is opened.
func (o serveOptions) plan(log *slog.Logger) (plan, error) {
	base, err := baseURL(o.base)
	if err != nil {
		return plan{}, err
	}
	trusted, err := trustedProxies(o.trusted)
	if err != nil {
		return plan{}, err
	}
	listen, err := portalAddress(o.listen, base, len(trusted) > 0 || o.listenTLS != "")
	if err != nil {
		return plan{}, err
	}
	if o.listenTLS != "" {
		if _, _, err := splitAddress("listen-tls", o.listenTLS); err != nil {
			return plan{}, err
		}
	}
	if o.perAddress < 0 {
		return plan{}, usage("--per-address takes a number of connections, such as 200.")
	}
	domain, err := o.domain.config()
	if err != nil {
		return plan{}, err
	}
	staff, err := staffAddress(o.staff)
	if err != nil {
		return plan{}, err
	}
	dir, err := place(o.store.data)
	if err != nil {
		return plan{}, err
	}
	return plan{dir: dir, database: o.store.database, secrets: o.store.secrets,
		base: base, listen: listen, listenTLS: o.listenTLS, domain: domain, staff: staff, trusted: trusted, share: o.perAddress, log: log}, nil
}

func (p *program) serve(parent context.Context, o serveOptions) error {
	plan, err := o.plan(p.log(slog.LevelInfo))
	if err != nil {
		return err
	}
	if err := prepare(plan.dir); err != nil {
		return err
	}
	ctx, release := p.signals(parent)
	defer release()
	h, err := p.openHouse(ctx, plan)
	if err != nil {
		if ctx.Err() != nil {
			return nil // asked to stop while starting: that is what it did
		}
		return err
	}
	if err := p.announce(ctx, h, o, plan); err != nil && ctx.Err() == nil {
		h.log.Error("the addresses could not be printed", "error", err)
		_ = h.end()
		return err
	}
	select {
	case <-ctx.Done():
		h.log.Info("stopping")
		return h.end()
	case err := <-h.failed:
		_ = h.end()
		return err
	}
}

// announcement is the line of --json.
type announcement struct {
	Portal    string `json:"portal"`
	Staff     string `json:"staff"`
	StaffLink string `json:"staff_link"`
}

// announce says where everything is, now that it answers.
func (p *program) announce(ctx context.Context, h *house, o serveOptions, plan plan) error {
	link, err := staffLink(ctx, h.local())
	if err != nil {
		return err
	}
	said := announcement{Portal: h.portalURL, Staff: h.staffURL, StaffLink: link}
	if o.json {
		return json.NewEncoder(p.out).Encode(said)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Portico is ready.\n\n  For clients  %s\n  For staff    %s\n  Data         %s\n\n", said.Portal, said.StaffLink, plan.dir)
	text.WriteString("The address for staff works once; `portico staff-link` prints a new one.\n")
	if host, _, _ := splitAddress("listen", plan.listen); hostReach(host) == reachEvery && o.base == "" {
		text.WriteString("Other devices reach the portal when --base-url names this computer as they know it.\n")
	}
	text.WriteString("Ctrl-C stops Portico.\n")
	_, err = fmt.Fprint(p.out, text.String())
	return err
}

// staffLink asks for a one-time address of the staff dashboard.
func staffLink(ctx context.Context, c *client) (string, error) {
	var made struct {
		URL string `json:"url"`
	}
	err := c.do(ctx, http.MethodPost, staffLinkPath, nil, &made)
	return made.URL, err
}

// untilSignal gives a context that ends at the first Ctrl-C or polite kill; the
// second one ends the program at once, for whoever does not want to wait.
func untilSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(parent)
	signals, done := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for stop := cancel; ; stop = func() { os.Exit(exitAtOnce) } {
			select {
			case <-signals:
				stop()
			case <-done:
				return
			}
		}
	}()
	return ctx, func() { signal.Stop(signals); close(done); cancel() }
}
