package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"portico/backend/torture"
)

// campaign is one run of B10.
type campaign struct {
	what      string
	mails     int
	delay     time.Duration
	failEvery int
}

// mailConnections is what Portico may open to the sink: its own maximum.
const mailConnections = 10

// inviteEverybody is B10: one click, so many personal mails with a link each, and
// each mail's fate durable on its own.
func inviteEverybody(ctx context.Context, e *environment) ([]figure, error) {
	n, delayed := 10_000, 1000
	if e.quick {
		n, delayed = 1000, 200
	}
	var out []figure
	for _, c := range []campaign{{"no delay", n, 0, 0}, {"50 ms delay", delayed, 50 * time.Millisecond, 0}, {"every 50th refused for now", delayed, 0, 50}} {
		figures, err := c.run(ctx, e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.what, err)
		}
		out = append(out, figures...)
	}
	return out, nil
}

func (c campaign) run(ctx context.Context, e *environment) ([]figure, error) {
	sink, err := torture.NewSink()
	if err != nil {
		return nil, err
	}
	defer sink.Close()
	rate, err := pipeline(sink.Port, mailConnections, c.mails)
	if err != nil {
		return nil, err
	}
	sink.Forget()
	p, err := e.fresh(ctx, max(c.mails, 1000))
	if err != nil {
		return nil, err
	}
	if _, err := p.Start(); err != nil {
		return nil, err
	}
	defer p.Kill()
	queued, err := c.queue(ctx, p)
	if err != nil {
		return nil, err
	}
	sink.Delay, sink.FailEvery = c.delay, c.failEvery
	cpu, began := cpuOf(p.Pid()), time.Now()
	if err := setAccount(ctx, p, sink.Port); err != nil {
		return nil, err
	}
	if err := c.await(ctx, sink); err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	perMail := float64((cpuOf(p.Pid()) - cpu).Microseconds()) / float64(c.mails)
	perS := float64(c.mails) / took
	if c.failEvery > 0 {
		_, mails := sink.Count()
		return []figure{
			{What: c.what + ": arrived", Unit: "mails", Measured: float64(mails), Limit: float64(c.mails), LimitOf: "invited", goal: goal{sort: exactly, bound: float64(c.mails)}},
			{What: c.what + ": until all had arrived (pauses of a minute)", Unit: "s", Measured: took},
		}, nil
	}
	if c.delay > 0 {
		most := mailConnections / c.delay.Seconds()
		return []figure{{What: c.what + ", 10 connections", Unit: "mails/s", Measured: perS, Limit: most, LimitOf: "connections ÷ delay", goal: goal{sort: share, bound: 0.95}}}, nil
	}
	return []figure{
		{What: fmt.Sprintf("inviting %d contacts, until all are queued", c.mails), Unit: "/s", Measured: queued},
		{What: c.what + ", 10 connections", Unit: "mails/s", Measured: perS, Limit: rate, LimitOf: "raw SMTP pipeline, same sink", goal: goal{peer: "≥ 1.0 of listmonk: 0.51 of the raw pipeline"}},
		{What: c.what + ", CPU of one mail", Unit: "µs CPU", Measured: perMail, goal: goal{peer: "listmonk 140 µs"}},
	}, nil
}

// queue invites everybody while there is no account, and answers how many a second.
func (c campaign) queue(ctx context.Context, p *torture.Program) (float64, error) {
	ids, err := contactIDs(ctx, p, c.mails)
	if err != nil {
		return 0, err
	}
	api := p.StaffAPI()
	defer api.Close()
	began := time.Now()
	const share = 500
	for from := 0; from < len(ids); from += share {
		results, err := api.Invite(ctx, ids[from:min(from+share, len(ids))], nil)
		if err != nil {
			return 0, err
		}
		for _, r := range results {
			if r.Status != "queued" {
				return 0, fmt.Errorf("%+v", r)
			}
		}
	}
	return float64(c.mails) / time.Since(began).Seconds(), nil
}

func setAccount(ctx context.Context, p *torture.Program, port int) error {
	api := p.StaffAPI()
	defer api.Close()
	account := map[string]any{"host": "127.0.0.1", "port": port, "security": "none", "from_name": "Bakery", "from_address": "hello@bakery.example",
		"limits": map[string]int{"connections": mailConnections, "per_connection": 1000}}
	return api.Must(ctx, http.MethodPut, "/api/staff/mail/account", account, nil, http.StatusOK)
}

// await waits until everybody has their mail.
func (c campaign) await(ctx context.Context, sink *torture.Sink) error {
	deadline := time.Now().Add(5 * time.Minute)
	for {
		people, mails := sink.Count()
		if people >= c.mails {
			if mails > people {
				return fmt.Errorf("%d mails for %d people: doubled", mails, people)
			}
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d mails arrived", people, c.mails)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// pipeline sends prepared mails of the usual size over some connections, MAIL,
// RCPT and DATA in one packet: the fastest there is.
func pipeline(port, conns, n int) (perS float64, err error) {
	mail := "From: a@example.test\r\nSubject: You are invited\r\nMessage-ID: <raw@example.test>\r\n\r\n" + strings.Repeat(strings.Repeat("x", 74)+"\r\n", 105) + ".\r\n"
	began := time.Now()
	err = side(conns, conns, func(w int) error {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		r := bufio.NewReader(c)
		if err := reply(r, "220"); err != nil {
			return err
		}
		if _, err := io.WriteString(c, "EHLO raw.test\r\n"); err != nil {
			return err
		}
		if err := reply(r, "250"); err != nil {
			return err
		}
		for i := w; i < n; i += conns {
			if _, err := fmt.Fprintf(c, "MAIL FROM:<a@example.test>\r\nRCPT TO:<b%d@example.test>\r\nDATA\r\n", i); err != nil {
				return err
			}
			for _, code := range []string{"250", "250", "354"} {
				if err := reply(r, code); err != nil {
					return err
				}
			}
			if _, err := io.WriteString(c, mail); err != nil {
				return err
			}
			if err := reply(r, "250"); err != nil {
				return err
			}
		}
		return nil
	})
	return float64(n) / time.Since(began).Seconds(), err
}

// reply reads one answer of an SMTP server and wants a code.
func reply(r *bufio.Reader, code string) error {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if !strings.HasPrefix(line, code) {
			return fmt.Errorf("%q instead of %s", line, code)
		}
		if len(line) > 3 && line[3] == ' ' {
			return nil
		}
	}
}
