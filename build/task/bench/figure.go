package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is one thing measured, beside the limit it is compared with.
type figure struct {
	Bench    string  `json:"bench"`
	What     string  `json:"what"`
	Unit     string  `json:"unit"`
	Measured float64 `json:"measured"`
	Limit    float64 `json:"limit,omitempty"` // of the machine, in this round; 0: none
	LimitOf  string  `json:"limit_of,omitempty"`
	Ratio    float64 `json:"ratio,omitempty"` // measured / limit, or limit / measured for costs
	Goal     string  `json:"goal"`
	Verdict  string  `json:"verdict"`
	goal     goal
}

// goal judges a figure. The zero goal judges nothing.
type goal struct {
	sort  sort
	bound float64
	peer  string // a goal against a peer that is not measured here
}

type sort int

const (
	noGoal   sort = iota
	share         // measured ÷ limit is at least bound: for rates
	multiple      // measured ÷ limit is at most bound: for costs
	thrift        // limit ÷ measured is at least bound: for costs compared with a bare server
	atMost        // measured is at most bound
	atLeast       // measured is at least bound
	exactly       // measured is bound
	stricter      // measured is more than bound
)

func (g goal) text(unit string) string {
	var own string
	switch g.sort {
	case share:
		own = fmt.Sprintf("≥ %g of the limit", g.bound)
	case multiple:
		own = fmt.Sprintf("≤ %g × the limit", g.bound)
	case thrift:
		own = fmt.Sprintf("≥ %g of bare", g.bound)
	case atMost:
		own = fmt.Sprintf("≤ %g %s", g.bound, unit)
	case atLeast:
		own = fmt.Sprintf("≥ %g %s", g.bound, unit)
	case exactly:
		own = fmt.Sprintf("= %g %s", g.bound, unit)
	case stricter:
		own = fmt.Sprintf("> %g %s", g.bound, unit)
	}
	if g.peer != "" {
		own = strings.TrimPrefix(own+"; "+g.peer+" (peer not measured here)", "; ")
	}
	return strings.TrimSpace(own)
}

// judged fills in ratio, goal and verdict.
func (f figure) judged() figure {
	g := f.goal
	if f.Limit > 0 {
		f.Ratio = f.Measured / f.Limit
	}
	if g.sort == thrift && f.Measured > 0 {
		f.Ratio = f.Limit / f.Measured
	}
	met := map[sort]bool{
		share: f.Ratio >= g.bound, multiple: f.Ratio <= g.bound, thrift: f.Ratio >= g.bound, atMost: f.Measured <= g.bound,
		atLeast: f.Measured >= g.bound, exactly: f.Measured == g.bound, stricter: f.Measured > g.bound,
	}
	f.Goal = g.text(f.Unit)
	switch {
	case g.sort == noGoal:
		f.Verdict = "–"
	case met[g.sort]:
		f.Verdict = "met"
	default:
		f.Verdict = "MISSED"
	}
	return f
}

// medians merges the rounds of a benchmark, figure by figure.
func medians(bench string, rounds [][]figure) []figure {
	var out []figure
	for i, f := range rounds[0] {
		var measured, limits []float64
		for _, round := range rounds {
			if i < len(round) {
				measured, limits = append(measured, round[i].Measured), append(limits, round[i].Limit)
			}
		}
		f.Bench, f.Measured, f.Limit = bench, median(measured), median(limits)
		out = append(out, f.judged())
	}
	return out
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// quantile of unsorted values; it sorts them.
func quantile(list []float64, q float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[min(len(list)-1, int(q*float64(len(list))))]
}

func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 1000:
		return fmt.Sprintf("%.0f", v)
	default:
		return fmt.Sprintf("%.3g", v)
	}
}

// report prints the table and writes the file.
func report(o options, all []figure) error {
	fmt.Println()
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "\twhat\tmeasured\tlimit\tratio\tgoal\tverdict")
	for _, f := range all {
		limit, ratio := "–", "–"
		if f.Limit > 0 {
			limit, ratio = number(f.Limit)+" "+f.Unit+" ("+f.LimitOf+")", number(f.Ratio)
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s %s\t%s\t%s\t%s\t%s\n", f.Bench, f.What, number(f.Measured), f.Unit, limit, ratio, f.Goal, f.Verdict)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if o.quick {
		fmt.Println("\nThis was --quick: it shows that everything runs. Judge by a run without it.")
	}
	if o.out == "" {
		return nil
	}
	raw, err := json.MarshalIndent(map[string]any{
		"at": time.Now().UTC(), "rounds": o.rounds, "quick": o.quick, "cores": runtime.NumCPU(), "go": runtime.Version(), "limits_raised": raisedLimits, "figures": all,
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.out, append(raw, '\n'), 0o600)
}
