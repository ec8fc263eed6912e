package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// serving starts serve with a fake backend; stop ends it and answers the exit code.
func serving(t *testing.T, f *fakeEngine, dir string, more ...string) (said announcement, errs *screen, stop func() int) {
	t.Helper()
	p, out, errs := testProgram(f, nil)
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		args := slices.Concat([]string{"serve", "--json", "--data", dir, "--listen", "127.0.0.1:0", "--staff", "127.0.0.1:0"}, more)
		code <- p.run(ctx, args)
	}()
	eventually(t, "the ready line", func() bool { return strings.Contains(out.String(), "\n") || len(code) > 0 })
	if text := out.String(); strings.Count(text, "\n") != 1 {
		t.Fatalf("stdout %q, stderr %s", text, errs)
	}
	if err := json.Unmarshal([]byte(out.String()), &said); err != nil {
		t.Fatal(err)
	}
	return said, errs, func() int { cancel(); return <-code }
}

// via asks a listener who it thinks is asking.
func via(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url + "/via")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct{ Via string }
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	return got.Via
}

func TestServeTellsWhereEverythingIs(t *testing.T) {
	f, dir := &fakeEngine{}, shortDir(t)
	said, _, stop := serving(t, f, dir)
	if via(t, said.Portal) != "portal" || via(t, said.Staff) != "browser" || said.StaffLink != said.Staff+"/enter/once" {
		t.Errorf("%+v", said)
	}
	if !slices.Contains(f.noted(), "base "+said.Portal) {
		t.Errorf("the backend does not know its address: %v", f.noted())
	}
	// Another verb goes through the socket, beside the store it would be refused.
	p, out, errs := testProgram(&fakeEngine{}, nil)
	if code := p.run(t.Context(), []string{"staff-link", "--data", dir}); code != 0 || strings.TrimSpace(out.String()) != said.StaffLink {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if code := p.run(t.Context(), []string{"demo", "--data", dir}); code != 0 {
		t.Errorf("%d %s", code, errs)
	}
	if code := p.run(t.Context(), []string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--staff", "127.0.0.1:0"}); code != exitPlace || !strings.Contains(errs.String(), "already running") {
		t.Errorf("a second serve: %d %s", code, errs)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "lock" {
		t.Errorf("left behind: %v", left)
	}
}

func TestServeStopsInOrder(t *testing.T) {
	f := &fakeEngine{block: make(chan struct{})}
	said, _, stop := serving(t, f, shortDir(t))
	answered := make(chan error, 1)
	go func() {
		answer, err := http.Get(said.Portal + "/slow")
		if err == nil {
			err = answer.Body.Close()
		}
		answered <- err
	}()
	eventually(t, "the slow request", func() bool { return slices.Contains(f.noted(), "slow began") })
	code := make(chan int, 1)
	go func() { code <- stop() }()
	eventually(t, "no more requests", func() bool {
		_, err := http.Get(said.Portal + "/via")
		return err != nil
	})
	// Polls are requests that end with the sockets: these must not wait for those.
	eventually(t, "no more sockets", func() bool { return slices.Contains(f.noted(), "sockets closed") })
	close(f.block)
	if err := <-answered; err != nil {
		t.Errorf("the request that was being answered was cut off: %v", err)
	}
	if c := <-code; c != 0 {
		t.Errorf("exit code %d", c)
	}
	got := f.noted()
	order := []string{"slow began", "sockets closed", "slow answered", "run ended", "closed"}
	last := -1
	for _, what := range order {
		at := slices.Index(got, what)
		if at <= last {
			t.Fatalf("%v, want %v in this order", got, order)
		}
		last = at
	}
}

func TestServeEndsWhenItsWorkFails(t *testing.T) {
	f := &fakeEngine{runErr: errors.New("the worker broke")}
	p, _, errs := testProgram(f, nil)
	code := p.run(t.Context(), []string{"serve", "--verbose", "--data", shortDir(t), "--listen", "127.0.0.1:0", "--staff", "127.0.0.1:0"})
	if code != exitFailed || !strings.Contains(errs.String(), "the worker broke") || !slices.Contains(f.noted(), "closed") {
		t.Errorf("%d %s %v", code, errs, f.noted())
	}
}

func TestServeSaysThatAPortIsTaken(t *testing.T) {
	said, _, stop := serving(t, &fakeEngine{}, shortDir(t))
	defer stop()
	f := &fakeEngine{}
	p, _, errs := testProgram(f, nil)
	dir := shortDir(t)
	code := p.run(t.Context(), []string{"serve", "--data", dir, "--listen", strings.TrimPrefix(said.Portal, "http://")})
	if code != exitFailed || !strings.Contains(errs.String(), "already listens") || !slices.Contains(f.noted(), "closed") {
		t.Errorf("%d %s %v", code, errs, f.noted())
	}
	if _, err := os.Stat(filepath.Join(dir, socketName)); !os.IsNotExist(err) {
		t.Errorf("a socket stayed: %v", err)
	}
}

func TestAWindowIsAskedToShowItself(t *testing.T) {
	dir, shown := shortDir(t), make(chan struct{}, 1)
	p, _, _ := testProgram(&fakeEngine{}, nil)
	h, err := p.openHouse(t.Context(), plan{dir: dir, listen: "127.0.0.1:0", log: p.log(0), show: func() { shown <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	if err := running(t.Context(), dir).do(t.Context(), http.MethodPost, showPath, nil, nil); err != nil || len(shown) != 1 {
		t.Errorf("%v, shown %d times", err, len(shown))
	}
	if _, err := staffLink(t.Context(), running(t.Context(), dir)); !errors.Is(err, errNoStaffListener) {
		t.Errorf("a window has no address for a browser, but: %v", err)
	}
	if err := h.end(); err != nil {
		t.Error(err)
	}
	said, _, stop := serving(t, &fakeEngine{}, dir)
	defer stop()
	if err := running(t.Context(), dir).do(t.Context(), http.MethodPost, showPath, nil, nil); !errors.Is(err, errServing) {
		t.Errorf("%s has no window, but: %v", said.Portal, err)
	}
	// The show request belongs to the socket, not to a listener.
	answer, err := http.Post(said.Staff+showPath, "application/json", nil)
	if err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("%v %v", answer, err)
	}
}

func TestTheBannerNamesTheAddresses(t *testing.T) {
	p, out, _ := testProgram(&fakeEngine{}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		code <- p.run(ctx, []string{"serve", "--data", shortDir(t), "--listen", "0.0.0.0:0", "--staff", "127.0.0.1:0"})
	}()
	eventually(t, "the banner", func() bool { return strings.Contains(out.String(), "Ctrl-C") })
	cancel()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d", c)
	}
	for _, want := range []string{"For clients  http://127.0.0.1:", "/enter/once", "portico staff-link", "--base-url"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %s", want, out)
		}
	}
}
