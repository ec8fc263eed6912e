package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// The address of the portal as the staff API tells it, as far as these verbs show it.
type (
	domainState struct {
		State   string `json:"state"`
		What    string `json:"what"`
		Do      string `json:"do"`
		URL     string `json:"url"`
		Records []struct {
			Type  string `json:"type"`
			Host  string `json:"host"`
			Full  string `json:"full"`
			Value string `json:"value"`
		} `json:"records"`
		Either string `json:"only_one"`
		Update *struct {
			State string `json:"state"`
			Steps []struct {
				State string `json:"state"`
				Label string `json:"label"`
				What  string `json:"what"`
				Do    string `json:"do"`
			} `json:"steps"`
		} `json:"update"`
		Certificate *struct {
			What     string     `json:"what"`
			NotAfter *time.Time `json:"not_after"`
		} `json:"certificate"`
	}
	domainCheck struct {
		Display  string `json:"display"`
		Ready    bool   `json:"ready"`
		Findings []struct {
			Severity string `json:"severity"`
			What     string `json:"what"`
			Do       string `json:"do"`
			Remedies []struct {
				What     string   `json:"what"`
				Commands []string `json:"commands"`
			} `json:"remedies"`
		} `json:"findings"`
	}
)

const domainPath = "/api/staff/domain"

func (p *program) domainVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "domain",
		Short: "Give the portal a name of its own, with a certificate",
		Long: `Domain sets up the name at which clients find the portal, such as
portal.yourshop.com: set names it and prints the records to enter at your provider,
check says what is wrong and what to do, update moves the portal there over HTTPS,
and status says how it stands. The window's Domain Setup does the same.`,
		Example: `  portico domain set portal.yourshop.com
  portico domain check
  portico domain update
  portico domain status --json`,
		RunE: subOnly,
	}
	cmd.AddCommand(p.domainSetVerb(), p.domainCheckVerb(), p.domainUpdateVerb(), p.domainStatusVerb())
	return cmd
}

func (p *program) domainSetVerb() *cobra.Command {
	var store storeFlags
	var domain domainFlags
	var alias string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "set NAME",
		Short: "Name the portal and print the records to enter",
		Long: `Set chooses the name and prints the DNS records that it needs. The portal stays
where it is until portico domain update; "default" goes back to the default address.

Exit codes: 0 set, 1 refused (the sentence says why), 2 not understood, 3 the data is in use and does not answer.`,
		Example: `  portico domain set portal.yourshop.com
  portico domain set portal.yourshop.com --alias yourshop.dyndns.example
  portico domain set default`,
		Args: oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withDomain(cmd.Context(), store, domain, func(c *client) error {
				method, in := http.MethodPut, any(map[string]string{"name": args[0], "record": recordOf(alias), "alias": alias})
				if args[0] == "default" {
					method, in = http.MethodDelete, nil
				}
				return p.domainAnswer(cmd.Context(), c, method, domainPath, in, asJSON)
			})
		},
	}
	store.add(cmd.Flags())
	domain.add(cmd.Flags())
	cmd.Flags().StringVar(&alias, "alias", "", "use a CNAME that points to this `name` of a dynamic DNS service")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	markOnce(cmd.Flags(), "alias", "json")
	return cmd
}

func recordOf(alias string) string {
	if alias != "" {
		return "alias"
	}
	return "address"
}

func oneName(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage("%s needs one name, such as portal.yourshop.com.", cmd.CommandPath())
	}
	return nil
}

func (p *program) domainCheckVerb() *cobra.Command {
	var store storeFlags
	var domain domainFlags
	var asJSON, report bool
	cmd := &cobra.Command{
		Use:   "check [NAME]",
		Short: "Say what is wrong with a name, and what to do",
		Long: `Check looks at the DNS, the ports, the router, the certificate authority and the
certificate of a name; without one, of the name that is set up. It changes nothing.
Ports and the way in are looked at only while a Portico runs with this data; it keeps
to its own flags, and those below say whom to ask when none runs. With --report it
prints all that is known about the name that is set up, for whoever helps you.

Exit codes: 0 nothing stands in the way, 1 failed, 2 not understood, 3 the data is in use and does not answer,
4 something stands in the way.`,
		Example: `  portico domain check
  portico domain check portal.yourshop.com --json
  portico domain check --report`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("%s takes one name at most.", cmd.CommandPath())
			}
			if report && (asJSON || len(args) > 0) {
				return usage("--report stands alone: it is text, about the name that is set up.")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withDomain(cmd.Context(), store, domain, func(c *client) error {
				if report {
					return p.domainReported(cmd.Context(), c)
				}
				return p.domainChecked(cmd.Context(), c, strings.Join(args, ""), asJSON)
			})
		},
	}
	store.add(cmd.Flags())
	domain.add(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	cmd.Flags().BoolVar(&report, "report", false, "print everything that is known, as text for support")
	markOnce(cmd.Flags(), "json", "report")
	return cmd
}

func (p *program) domainChecked(ctx context.Context, c *client, name string, asJSON bool) error {
	var raw json.RawMessage
	if err := c.do(ctx, http.MethodPost, domainPath+"/check", map[string]string{"name": name}, &raw); err != nil {
		return err
	}
	var check domainCheck
	if err := json.Unmarshal(raw, &check); err != nil {
		return fmt.Errorf("understand the check: %w", err)
	}
	if asJSON {
		fmt.Fprintln(p.out, string(raw))
	} else {
		for _, f := range check.Findings {
			fmt.Fprintf(p.out, "%-8s %s\n", f.Severity, strings.TrimSpace(f.What+" "+f.Do))
			for _, r := range f.Remedies {
				printRemedy(p.out, r.What, r.Commands)
			}
		}
	}
	if !check.Ready {
		return exitCode(exitUnhealthy)
	}
	return nil
}

// domainReported checks the name that is set up and prints the report on it.
func (p *program) domainReported(ctx context.Context, c *client) error {
	var check domainCheck
	if err := c.do(ctx, http.MethodPost, domainPath+"/check", map[string]string{}, &check); err != nil {
		return err
	}
	var report struct {
		Text string `json:"text"`
	}
	if err := c.do(ctx, http.MethodGet, domainPath+"/report", nil, &report); err != nil {
		return err
	}
	fmt.Fprint(p.out, report.Text)
	if !check.Ready {
		return exitCode(exitUnhealthy)
	}
	return nil
}

// printRemedy tells what helps, and what to type for it.
func printRemedy(to io.Writer, what string, commands []string) {
	fmt.Fprintf(to, "         - %s\n", what)
	for _, line := range commands {
		fmt.Fprintf(to, "             %s\n", line)
	}
}

func (p *program) domainUpdateVerb() *cobra.Command {
	var store storeFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Move the portal to the name that is set up",
		Long: `Update asks the Portico that runs with this data to check, to get a certificate and
then to make the name the portal's address. It goes on by itself; portico domain
status says how far it is. The old address answers before and after.

Exit codes: 0 begun, 1 refused (the sentence says why), 2 not understood, 3 nothing runs with this data.`,
		Example: `  portico domain update`,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withRunning(cmd.Context(), store, func(c *client) error {
				return p.domainAnswer(cmd.Context(), c, http.MethodPost, domainPath+"/update", map[string]string{}, asJSON)
			})
		},
	}
	store.add(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	markOnce(cmd.Flags(), "json")
	return cmd
}

func (p *program) domainStatusVerb() *cobra.Command {
	var store storeFlags
	var domain domainFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say at which address the portal is, and how its certificate stands",
		Long: `Status tells the address, the records that are needed, how far an update is and how
the certificate stands. It asks nobody outside.

Exit codes: 0 told, 1 failed, 2 not understood, 3 the data is in use and does not answer.`,
		Example: `  portico domain status
  portico domain status --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withDomain(cmd.Context(), store, domain, func(c *client) error {
				return p.domainAnswer(cmd.Context(), c, http.MethodGet, domainPath, nil, asJSON)
			})
		},
	}
	store.add(cmd.Flags())
	domain.add(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print everything as JSON")
	markOnce(cmd.Flags(), "json")
	return cmd
}

// domainAnswer sends a request and tells the state that it answers.
func (p *program) domainAnswer(ctx context.Context, c *client, method, path string, in any, asJSON bool) error {
	var raw json.RawMessage
	if err := c.do(ctx, method, path, in, &raw); err != nil {
		return err
	}
	if asJSON {
		fmt.Fprintln(p.out, string(raw))
		return nil
	}
	var d domainState
	if err := json.Unmarshal(raw, &d); err != nil {
		return fmt.Errorf("understand how the address stands: %w", err)
	}
	fmt.Fprintln(p.out, strings.TrimSpace(d.What+" "+d.Do))
	fmt.Fprintf(p.out, "\n  Address      %s\n", d.URL)
	if d.Certificate != nil {
		fmt.Fprintf(p.out, "  Certificate  %s\n", d.Certificate.What)
	}
	if len(d.Records) > 0 {
		fmt.Fprintln(p.out, "\nRecords to enter at your provider:")
		for _, r := range d.Records {
			if r.Value == "" {
				r.Value = "(the public address of this connection; portico domain check finds it out)"
			}
			fmt.Fprintf(p.out, "  %-6s %s (%s)  %s\n", r.Type, r.Host, r.Full, r.Value)
		}
		fmt.Fprintln(p.out, d.Either)
	}
	if d.Update != nil {
		fmt.Fprintf(p.out, "\nUpdate (%s):\n", d.Update.State)
		for _, s := range d.Update.Steps {
			fmt.Fprintf(p.out, "  %-8s %s\n", s.State, strings.TrimSpace(s.Label+". "+s.What+" "+s.Do))
		}
	}
	return nil
}
