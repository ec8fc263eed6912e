// Command bench measures Portico against the limits of the machine it runs on:
//
//	go run ./build/task bench [--quick] [--full] [--only B1,B2] [--out bench.json]
//
// It builds the program, starts it on stores it has filled, and takes each limit
// in the same round as the figure it is compared with: a bare net/http server, raw
// SQLite, a raw SMTP pipeline. Rounds are repeated and medians told. Absolute
// times mean little on a busy machine; CPU per operation and ratios mean much. All
// but B13 speak plain HTTP, and so do their limits. Peers are not part of the
// repository: goals against them are named, and judged only where one is installed.
//
// Everything stays on loopback and below one temporary folder; filled stores are
// kept in the user's cache for the next run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	quick, full, soak bool
	only, out         string
	rounds            int
	span              time.Duration // of one measurement
	binary            string
}

// benchmark is one row of performance.md, or one promise that is timed.
type benchmark struct {
	name, about string
	fullOnly    bool // takes so long that it must be asked for
	once        bool // shows whether something holds: rounds add nothing
	round       func(ctx context.Context, e *environment) ([]figure, error)
}

// benchmarks are in the order in which they run.
func benchmarks() []benchmark {
	return []benchmark{
		{name: "B1", about: "the portal's first page, and home signed in", round: firstPage},
		{name: "B2", about: "a magic link becomes a session", round: redeemLinks},
		{name: "B3", about: "the list of contacts and its search", round: listContacts},
		{name: "B5", about: "one frame to a whole room, and idle sockets", round: fanOuts},
		{name: "B10", about: "inviting everybody", round: inviteEverybody},
		{name: "B11", about: "cold start and idle memory", round: coldStart},
		{name: "B15", about: "the portal in a browser, on a phone", round: portalInBrowser},
		{name: "B16", about: "the staff's list in a browser", round: staffInBrowser},
		{name: "B13", about: "TLS: handshakes with the certificate lookup, and pages over HTTP/1.1 and HTTP/2", round: encrypted},
		{name: "B14", about: "sockets of strangers", round: strangers},
		{name: "A9", about: "thousands of sockets come back at once", round: storm},
		{name: "A12", about: "nobody learns who is a client by timing", round: enumerate},
		{name: "A19", about: "100 restarts of the keeper of certificates", once: true, round: restarts},
		{name: "A1", about: "1,000 kills under writes, 5,000 mails under kills, 200 failing disks", fullOnly: true, once: true, round: torment},
	}
}

func main() {
	if len(os.Args) >= 3 && os.Args[1] == bareVerb {
		os.Exit(bareServer(os.Args[2], os.Args[3:]...))
	}
	if len(os.Args) == 3 && os.Args[1] == liveVerb {
		os.Exit(liveServer(os.Args[2]))
	}
	var o options
	flag.BoolVar(&o.quick, "quick", false, "one short round on small stores: shows that everything runs, proves nothing")
	flag.BoolVar(&o.full, "full", false, "also a store of a million contacts and the full torture; takes hours")
	flag.BoolVar(&o.soak, "soak", false, "a steady load for four hours (with --quick a minute), looking for what grows")
	flag.StringVar(&o.only, "only", "", "run these benchmarks, separated by commas: "+names())
	flag.StringVar(&o.out, "out", "", "also write the results as JSON into this file")
	flag.IntVar(&o.rounds, "rounds", 3, "how often everything is measured")
	flag.DurationVar(&o.span, "span", 4*time.Second, "how long one measurement takes")
	flag.StringVar(&o.binary, "program", "", "measure this program instead of building one, for example one that writes a profile")
	flag.Parse()
	if o.quick {
		o.rounds, o.span = 1, time.Second
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func names() string {
	var all []string
	for _, b := range benchmarks() {
		all = append(all, b.name)
	}
	return strings.Join(all, ", ")
}

// chosen are the benchmarks that the flags ask for.
func chosen(o options) ([]benchmark, error) {
	all := benchmarks()
	if o.soak {
		return []benchmark{{name: "soak", about: "a steady load for hours", round: soak}}, nil
	}
	var out []benchmark
	wanted := strings.FieldsFunc(o.only, func(r rune) bool { return r == ',' || r == ' ' })
	for _, b := range all {
		asked := len(wanted) == 0 && (!b.fullOnly || o.full)
		for _, w := range wanted {
			asked = asked || strings.EqualFold(w, b.name)
		}
		if asked {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("there is no such benchmark; they are " + names())
	}
	return out, nil
}

func run(ctx context.Context, o options) error {
	list, err := chosen(o)
	if err != nil {
		return err
	}
	e, err := newEnvironment(ctx, o)
	if err != nil {
		return err
	}
	defer e.close()
	var all []figure
	for _, b := range list {
		fmt.Printf("%s: %s\n", b.name, b.about)
		rounds := o.rounds
		if b.once || o.soak {
			rounds = 1
		}
		var taken [][]figure
		for n := range rounds {
			began := time.Now()
			figures, err := b.round(ctx, e)
			if not := (errNotHere{}); errors.As(err, &not) {
				fmt.Printf("  left out: %s\n", not.why)
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", b.name, err)
			}
			taken = append(taken, figures)
			fmt.Printf("  round %d of %d took %.0f s\n", n+1, rounds, time.Since(began).Seconds())
		}
		if len(taken) > 0 {
			all = append(all, medians(b.name, taken)...)
		}
	}
	return report(o, all)
}
