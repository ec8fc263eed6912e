package mail

import (
	"context"
	"time"
)

// StepResult is one line of the test button's answer.
type StepResult struct {
	Step    Step
	Took    time.Duration
	Code    int      // the server's reply code, 0 where it has nothing to say
	Reply   string   // the server's own words, lines joined by "\n"
	Problem *Problem // nil when the step went well; at most the last one has it
}

// Probe tries an account out, step by step: connect, TLS, greeting, hello,
// login, in the order the account's Security gives them. With raw set it also
// sends that mail to the address in to, from the account's own address; with
// raw nil it stops after the login and no mail leaves.
//
// progress, when not nil, hears every step as it begins. The results are in
// order; the first step that fails is the last one, with its Problem. A wrong
// entry is the only result, of StepCheck.
func Probe(ctx context.Context, a Account, to string, raw []byte, progress func(Step)) []StepResult {
	log := &recorder{progress: progress}
	conn, p := dial(ctx, a, log)
	if p == nil {
		defer func() { _ = conn.Close() }()
		if raw != nil {
			p = probeSend(ctx, conn, a, to, raw)
		}
	}
	return log.finish(p)
}

func probeSend(ctx context.Context, conn *Conn, a Account, to string, raw []byte) *Problem {
	from, to, p := checkEnvelope(a.FromAddress, to, raw)
	if p != nil {
		return p
	}
	_, p = conn.send(ctx, from, to, raw, nil)
	return p
}

// recorder notes when which step began and what the server said. A nil one
// records nothing.
type recorder struct {
	progress func(Step)
	results  []StepResult
	began    time.Time
}

func (r *recorder) enter(step Step) {
	if r == nil || (len(r.results) > 0 && r.results[len(r.results)-1].Step == step) {
		return
	}
	r.leave()
	r.results = append(r.results, StepResult{Step: step})
	r.began = time.Now()
	if r.progress != nil {
		r.progress(step)
	}
}

func (r *recorder) heard(answer reply) {
	if r == nil || len(r.results) == 0 {
		return
	}
	current := &r.results[len(r.results)-1]
	current.Code, current.Reply = answer.code, answer.text()
}

// leave stops the clock of the current step.
func (r *recorder) leave() {
	if len(r.results) > 0 {
		r.results[len(r.results)-1].Took = time.Since(r.began)
	}
}

func (r *recorder) finish(p *Problem) []StepResult {
	r.leave()
	if p == nil {
		return r.results
	}
	if len(r.results) == 0 || r.results[len(r.results)-1].Step != p.Step {
		r.results = append(r.results, StepResult{Step: p.Step})
	}
	r.results[len(r.results)-1].Problem = p
	return r.results
}
