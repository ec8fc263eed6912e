package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"

	"portico/backend/torture"
)

// classes are the sorts of people who may ask for a sign-in mail.
var classes = []string{"unknown", "known", "suspended", "invited"}

// asking is one request for a sign-in mail.
type asking struct {
	class int
	email string
}

// enumerate is A12: the answer to "send me a sign-in link" and its time are the
// same for everybody. Unknown addresses are what the others are compared with.
func enumerate(ctx context.Context, e *environment) ([]figure, error) {
	samples, people := 2000, 250
	if e.quick {
		samples, people = 300, 50
	}
	sink, err := torture.NewSink()
	if err != nil {
		return nil, err
	}
	defer sink.Close()
	p, err := e.fresh(ctx, e.size())
	if err != nil {
		return nil, err
	}
	if _, err := p.Start(); err != nil {
		return nil, err
	}
	defer p.Kill()
	addresses, err := classed(ctx, p, people)
	if err != nil {
		return nil, err
	}
	if err := setAccount(ctx, p, sink.Port); err != nil {
		return nil, err
	}
	var plan []asking
	for class := range classes {
		for i := range samples {
			plan = append(plan, asking{class, addresses[class][i%people]})
		}
	}
	rand.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	times, answers, err := ask(ctx, p, plan)
	if err != nil {
		return nil, err
	}
	out := []figure{{What: "different answers to " + strings.Join(classes, ", "), Unit: "answers", Measured: float64(len(answers)), goal: goal{sort: exactly, bound: 1}}}
	unknown := times[0]
	for class := 1; class < len(classes); class++ {
		difference := math.Abs(median(times[class]) - median(unknown))
		out = append(out,
			figure{What: classes[class] + " and unknown, difference of medians", Unit: "ms", Measured: difference, goal: goal{sort: atMost, bound: 1}},
			figure{What: classes[class] + " and unknown, p of Kolmogorov–Smirnov", Measured: sameness(times[class], unknown), goal: goal{sort: stricter, bound: 0.01}})
	}
	return out, nil
}

// classed makes people of every class and answers their addresses.
func classed(ctx context.Context, p *torture.Program, people int) ([][]string, error) {
	api := p.StaffAPI()
	defer api.Close()
	out := make([][]string, len(classes))
	var list struct {
		Items []torture.Contact `json:"items"`
	}
	for class, name := range classes {
		for i := range people {
			email := fmt.Sprintf("person%d@%s.example", i, name)
			out[class] = append(out[class], email)
			if name == "unknown" {
				continue
			}
			var c torture.Contact
			if err := api.Must(ctx, http.MethodPost, "/api/staff/contacts", map[string]any{"name": "Person", "emails": []string{email}}, &c, http.StatusCreated); err != nil {
				return nil, err
			}
			list.Items = append(list.Items, c)
			path := map[string]string{"suspended": "/api/staff/portal/contacts/" + c.ID + "/suspend"}[name]
			if name == "known" { // let in by a link
				if err := api.Must(ctx, http.MethodPost, "/api/staff/portal/magic-links", map[string]string{"contact_id": c.ID}, nil, http.StatusCreated); err != nil {
					return nil, err
				}
			}
			if path != "" {
				if err := api.Must(ctx, http.MethodPost, path, nil, nil, http.StatusOK); err != nil {
					return nil, err
				}
			}
		}
	}
	_, err := api.Invite(ctx, nil, out[slices.Index(classes, "invited")])
	return out, err
}

// ask sends the requests one after the other and answers the times by class, and
// the different answers that came (without what differs for everybody).
func ask(ctx context.Context, p *torture.Program, plan []asking) ([][]float64, map[string]bool, error) {
	address, answers := host(p.Portal), map[string]bool{}
	out, err := load{address: address, pid: p.Pid(), conns: 1, total: len(plan), status: http.StatusAccepted,
		request: func(n int) []byte {
			return post(address, "/api/portal/login", "Content-Type: application/json\r\n", `{"email":"`+plan[n].email+`"}`)
		},
		answer: func(_ int, head []byte) { answers[common(head)] = true },
	}.run(ctx)
	if err != nil {
		return nil, nil, err
	}
	times := make([][]float64, len(classes))
	for n, ms := range out.millis {
		times[plan[n].class] = append(times[plan[n].class], ms)
	}
	return times, answers, nil
}

// common is an answer's head without its date and without the cookie's value.
func common(head []byte) string {
	var kept []string
	for _, line := range strings.Split(string(head), "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch strings.ToLower(name) {
		case "date":
			line = ""
		case "set-cookie":
			before, after, _ := strings.Cut(line, "=")
			_, rest, _ := strings.Cut(after, ";")
			line = fmt.Sprintf("%s=(%d);%s", before, len(after)-len(rest), rest)
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

// sameness is the two-sided p of the Kolmogorov–Smirnov test: how likely two
// samples of one distribution differ at least this much (Numerical Recipes §14.3).
func sameness(a, b []float64) float64 {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	var i, j int
	var d float64
	for i < len(a) && j < len(b) {
		x := min(a[i], b[j])
		for i < len(a) && a[i] <= x {
			i++
		}
		for j < len(b) && b[j] <= x {
			j++
		}
		d = max(d, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	root := math.Sqrt(float64(len(a)) * float64(len(b)) / float64(len(a)+len(b)))
	lambda := (root + 0.12 + 0.11/root) * d
	if lambda < 0.2 {
		return 1 // the series does not converge there, and its value is 1
	}
	var p float64
	for k := 1; k <= 100; k++ {
		p += 2 * math.Pow(-1, float64(k-1)) * math.Exp(-2*lambda*lambda*float64(k*k))
	}
	return min(max(p, 0), 1)
}
