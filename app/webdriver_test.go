package app

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// driver speaks WebDriver to WebKitWebDriver, which starts the automation build
// of the program and looks into its real window.
type driver struct {
	t       *testing.T
	url     string
	env     []string
	binary  string
	session string
}

// newDriver starts WebKitWebDriver, or skips the test where there is nothing to
// drive: `go run ./build/task e2e` builds the program and gives it a screen.
func newDriver(t *testing.T) *driver {
	t.Helper()
	binary := os.Getenv("PORTICO_AUTOMATION_BIN")
	if binary == "" || os.Getenv("DISPLAY") == "" {
		t.Skip("PORTICO_AUTOMATION_BIN and DISPLAY are not set; go run ./build/task e2e sets them")
	}
	for _, tool := range []string{"WebKitWebDriver", "xdotool"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	home := shortDir(t)
	env := append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "LC_ALL=C.UTF-8", "GDK_BACKEND=x11", "WAYLAND_DISPLAY=")
	port := freePort(t)
	cmd := exec.Command("WebKitWebDriver", "--port="+port, "--host=127.0.0.1")
	cmd.Env = env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	d := &driver{t: t, url: "http://127.0.0.1:" + port, env: env, binary: binary}
	eventually(t, "WebKitWebDriver", func() bool {
		answer, err := http.Get(d.url + "/status")
		if err == nil {
			_ = answer.Body.Close()
		}
		return err == nil
	})
	return d
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return portOf(l)
}

// call sends a command and reads its value into out.
func (d *driver) call(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, d.url+path, body)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var said struct{ Value json.RawMessage }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, said.Value)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(said.Value, out)
}

// open starts the program with arguments.
func (d *driver) open(args ...string) {
	d.t.Helper()
	var made struct{ SessionID string }
	err := d.call(http.MethodPost, "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"webkitgtk:browserOptions": map[string]any{"binary": d.binary, "args": args}}}}, &made)
	if err != nil {
		d.t.Fatal(err)
	}
	d.session = "/session/" + made.SessionID
}

// run evaluates a function body in the page and waits for its promise.
func (d *driver) run(script string, out any) {
	d.t.Helper()
	full := `const done=arguments[arguments.length-1];(async()=>{` + script + `})().then((v)=>done({v}),(e)=>done({e:String(e)}))`
	var got struct {
		V json.RawMessage
		E string
	}
	if err := d.call(http.MethodPost, d.session+"/execute/async", map[string]any{"script": full, "args": []any{}}, &got); err != nil {
		d.t.Fatalf("%s: %v", script, err)
	}
	if got.E != "" {
		d.t.Fatalf("%s: %s", script, got.E)
	}
	if out != nil && len(got.V) > 0 {
		if err := json.Unmarshal(got.V, out); err != nil {
			d.t.Fatalf("%s: %v", script, err)
		}
	}
}

// holds waits until an expression is true in the page.
func (d *driver) holds(expression string) {
	d.t.Helper()
	eventually(d.t, expression, func() bool {
		var is bool
		d.run("return Boolean("+expression+")", &is)
		return is
	})
}

// press clicks what an XPath names, as a person would, once it is there.
func (d *driver) press(xpath string) {
	d.t.Helper()
	var found map[string]string
	eventually(d.t, xpath, func() bool {
		return d.call(http.MethodPost, d.session+"/element", map[string]string{"using": "xpath", "value": xpath}, &found) == nil
	})
	for _, id := range found { // the one value stands under a name that the standard gives
		if err := d.call(http.MethodPost, d.session+"/element/"+id+"/click", map[string]any{}, nil); err != nil {
			d.t.Fatalf("%s: %v", xpath, err)
		}
	}
}

// shoot keeps a picture of the whole screen, menu and dialogs included.
func (d *driver) shoot(name string) {
	d.t.Helper()
	folder := filepath.Join("..", "frontend", "e2e", "shots")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		d.t.Fatal(err)
	}
	path := filepath.Join(folder, "window-"+name+".png")
	time.Sleep(400 * time.Millisecond) // what moves has come to rest
	if out, err := exec.Command("import", "-window", "root", path).CombinedOutput(); err == nil {
		return
	} else if d.session == "" {
		d.t.Logf("no picture: %v %s", err, out)
		return
	}
	var picture string
	if err := d.call(http.MethodGet, d.session+"/screenshot", nil, &picture); err != nil {
		d.t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(picture)
	if err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// xdo runs xdotool and answers what it printed.
func (d *driver) xdo(args ...string) string {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = d.env
	out, _ := cmd.Output() // it fails when a search finds nothing
	return strings.TrimSpace(string(out))
}

// windows are the visible windows with that title.
func (d *driver) windows(title string) []string {
	return strings.Fields(d.xdo("search", "--onlyvisible", "--name", "^"+title+"$"))
}

// keys types into the window as a person would.
func (d *driver) keys(window string, keys ...string) {
	d.xdo("windowfocus", "--sync", window)
	d.xdo(append([]string{"key", "--clearmodifiers"}, keys...)...)
}
