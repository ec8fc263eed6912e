package app

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestCommandLine is a table of stories: what somebody types, and what they get.
func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	for _, s := range []struct {
		story, line string
		env         map[string]string
		code        int
		out, err    string
	}{
		{"help", "--help", nil, 0, "Exit codes:", ""},
		{"a verb's help", "serve --help", nil, 0, "--trusted-proxy", ""},
		{"version", "version", nil, 0, "portico " + Version, ""},
		{"version as JSON", "version --json", nil, 0, `"version":"` + Version + `"`, ""},
		{"no window in this build", "", nil, exitNoWindow, "", "`portico serve`"},
		{"a verb that does not exist", "fly", nil, 2, "", `has no verb "fly".`},
		{"a mistyped verb", "serv", nil, 2, "", `Did you mean "serve"?`},
		{"a mistyped verb of a group", "token creat", nil, 2, "", `Did you mean "create"?`},
		{"a group alone explains itself", "token", nil, 0, "create", ""},
		{"a mistyped flag", "serve --base-ur x", nil, 2, "", "Did you mean --base-url?"},
		{"an unknown short flag", "serve -x", nil, 2, "", "no flag -x"},
		{"a flag without its value", "serve --listen", nil, 2, "", "--listen needs a value"},
		{"a flag that takes yes or no", "serve --json=perhaps", nil, 2, "", `--json does not take "perhaps"`},
		{"an argument too many", "serve now", nil, 2, "", `takes no argument "now"`},
		{"the staff listener for all", "serve --staff 0.0.0.0:8081", nil, 2, "", "would offer the staff dashboard to other computers"},
		{"the staff listener for the network", "serve --staff 192.168.1.5:8081", nil, 2, "", "not possible yet"},
		{"a public address in clear", "serve --listen 203.0.113.5:80", nil, 2, "", "never served in clear"},
		{"a public name in clear", "serve --base-url http://portal.example.com", nil, 2, "", "use https://portal.example.com"},
		{"all networks with https and no proxy", "serve --listen 0.0.0.0:80 --base-url https://portal.example.com", nil, 2, "", "--trusted-proxy"},
		{"an address without a port", "serve --listen localhost", nil, 2, "", "an address and a port"},
		{"a proxy that is no network", "serve --trusted-proxy office", nil, 2, "", "takes a network"},
		{"a flag from the environment", "serve", map[string]string{"PORTICO_STAFF": "0.0.0.0:1"}, 2, "", "--staff 0.0.0.0:1"},
		{"the command line wins", "serve --staff 10.0.0.1:1", map[string]string{"PORTICO_STAFF": "0.0.0.0:1"}, 2, "", "--staff 10.0.0.1:1"},
		{"nonsense in the environment", "serve", map[string]string{"PORTICO_VERBOSE": "loud"}, 2, "", "PORTICO_VERBOSE"},
		{"what is asked once has no variable", "verify --data " + dir, map[string]string{"PORTICO_JSON": "true"}, 0, "ok", ""},
		{"a synchronised folder", "demo --data " + filepath.Join(dir, "Dropbox"), nil, 1, "", "Dropbox"},
		{"a file where a folder should be", "demo --data /dev/null/x", nil, 1, "", "cannot be used for Portico's data"},
		{"a link while nothing runs", "staff-link --data " + dir, nil, exitPlace, "", "portico serve"},
		{"demo", "demo --data " + dir, nil, 0, "60 contacts", ""},
		{"demo from the environment", "demo", map[string]string{"PORTICO_DATA": dir}, 0, "60 contacts", ""},
		{"the demo goes", "demo --remove --data " + dir, nil, 0, "as it was", ""},
		{"a token", "token create --name n --data " + dir, nil, 0, "secret-token\n", "portico token revoke tk_1"},
		{"a token as JSON", "token create --name n --json --data " + dir, nil, 0, `"id":"tk_1"`, ""},
		{"a token without a name", "token create --data " + dir, nil, 2, "", "needs a name"},
		{"the tokens", "token list --data " + dir, nil, 0, "accounting  tk_1  2026-11-20  never", ""},
		{"a token ends", "token revoke tk_1 --data " + dir, nil, 0, "no longer works", ""},
		{"a token nobody has", "token revoke tk_2 --data " + dir, nil, 1, "", "There is no such token.\n  id: unknown id"},
		{"which token?", "token revoke --data " + dir, nil, 2, "", "the id of one token"},
		{"everything whole", "verify --data " + dir, nil, 0, "ok      The store", ""},
		{"damage", "verify --data " + filepath.Join(dir, "damaged"), nil, exitUnhealthy, "DAMAGED The store", "damaged"},
		{"damage as JSON", "verify --json --data " + filepath.Join(dir, "damaged"), nil, exitUnhealthy, `"ok":false`, "damaged"},
		{"routes", "routes --json", nil, 0, "", ""},
		{"a document", "openapi staff", nil, 0, "{", ""},
		{"which document?", "openapi", nil, 2, "", "one of: staff, portal"},
	} {
		t.Run(s.story, func(t *testing.T) {
			p, out, err := testProgram(&fakeEngine{}, s.env)
			code := p.run(t.Context(), strings.Fields(s.line))
			if code != s.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, s.code, out, err)
			}
			if !strings.Contains(out.String(), s.out) || !strings.Contains(err.String(), s.err) {
				t.Errorf("stdout %q, want %q\nstderr %q, want %q", out, s.out, err, s.err)
			}
			if code != 0 && s.out == "" && out.String() != "" {
				t.Errorf("an error wrote to stdout: %q", out)
			}
		})
	}
}

// TestEveryVerbExplainsItself walks the whole command line.
func TestEveryVerbExplainsItself(t *testing.T) {
	p, _, _ := testProgram(&fakeEngine{}, nil)
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || c.Long == "" || c.Example == "" {
			t.Errorf("%s lacks a short or long help or an example", c.CommandPath())
		}
		if !c.HasSubCommands() && !strings.Contains(c.Long, "Exit codes:") {
			t.Errorf("%s does not tell its exit codes", c.CommandPath())
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s --%s says nothing", c.CommandPath(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(p.root())
}

func TestVerboseShowsTheCause(t *testing.T) {
	p, _, err := testProgram(&fakeEngine{}, nil)
	p.run(t.Context(), []string{"demo", "--data", "/dev/null/x"})
	if strings.Contains(err.String(), "not a directory") {
		t.Errorf("the cause without --verbose: %s", err)
	}
	p.run(t.Context(), []string{"demo", "--data", "/dev/null/x", "--verbose"})
	if !strings.Contains(err.String(), "not a directory") {
		t.Errorf("no cause with --verbose: %s", err)
	}
}
