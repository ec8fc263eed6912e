package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// apiToken is a bearer token as the staff API tells it. Token is there only once.
type apiToken struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Token      string     `json:"token,omitempty"`
	CreatedAt  time.Time  `json:"created_at,omitzero"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
}

func (p *program) tokenVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make, list and revoke bearer tokens for the staff API",
		Long: `Scripts use the staff API of portico serve with a token, sent as
"Authorization: Bearer …". A token may do everything staff may do: keep it like
a password, give each script its own, and revoke it when the script is gone.`,
		Example: `  portico token create --name accounting
  portico token list
  portico token revoke tk_0199f0d2`,
		RunE: subOnly,
	}
	cmd.AddCommand(p.tokenCreateVerb(), p.tokenListVerb(), p.tokenRevokeVerb())
	return cmd
}

func (p *program) tokenCreateVerb() *cobra.Command {
	var store storeFlags
	var name string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a token and print it, this one time",
		Long: `Create prints the new token on stdout. It is stored only as a hash and cannot be
shown again.

Exit codes: 0 printed, 1 failed, 2 not understood, 3 the data is in use and does not answer.`,
		Example: `  portico token create --name accounting
  TOKEN=$(portico token create --name backup-script)`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if strings.TrimSpace(name) == "" {
				return usage("A token needs a name, so that you know later what it is for: --name accounting.")
			}
			return p.withStaff(cmd.Context(), store, func(c *client) error {
				var made apiToken
				if err := c.do(cmd.Context(), http.MethodPost, "/api/staff/tokens", map[string]string{"name": name}, &made); err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(p.out).Encode(made)
				}
				fmt.Fprintln(p.out, made.Token)
				fmt.Fprintf(p.err, "This is shown only once. Revoke it with: portico token revoke %s\n", made.ID)
				return nil
			})
		},
	}
	store.add(cmd.Flags())
	cmd.Flags().StringVar(&name, "name", "", "what the token is for")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print id, name and token as JSON")
	markOnce(cmd.Flags(), "name", "json")
	return cmd
}

func (p *program) tokenListVerb() *cobra.Command {
	var store storeFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tokens that work",
		Long: `List shows name, id and last use of every token, never the token itself.

Exit codes: 0 listed, 1 failed, 2 not understood, 3 the data is in use and does not answer.`,
		Example: `  portico token list
  portico token list --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withStaff(cmd.Context(), store, func(c *client) error {
				var list struct {
					Items []apiToken `json:"items"`
				}
				if err := c.do(cmd.Context(), http.MethodGet, "/api/staff/tokens", nil, &list); err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(p.out).Encode(list)
				}
				if len(list.Items) == 0 {
					fmt.Fprintln(p.out, "There is no token.")
					return nil
				}
				return p.tokenTable(list.Items)
			})
		},
	}
	store.add(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the list as JSON")
	markOnce(cmd.Flags(), "json")
	return cmd
}

func (p *program) tokenTable(tokens []apiToken) error {
	t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tID\tCREATED\tLAST USED")
	for _, token := range tokens {
		created, used := "", "never"
		if !token.CreatedAt.IsZero() {
			created = token.CreatedAt.Local().Format(time.DateOnly)
		}
		if token.LastUsedAt != nil {
			used = token.LastUsedAt.Local().Format("2006-01-02 15:04")
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", token.Name, token.ID, created, used)
	}
	return t.Flush()
}

func (p *program) tokenRevokeVerb() *cobra.Command {
	var store storeFlags
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "End a token at once",
		Long: `Revoke ends a token at once. portico token list shows the ids.

Exit codes: 0 revoked, 1 failed (no such token), 2 not understood, 3 the data is in use and does not answer.`,
		Example: `  portico token revoke tk_0199f0d2`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("%s needs the id of one token; `portico token list` shows them.", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withStaff(cmd.Context(), store, func(c *client) error {
				if err := c.do(cmd.Context(), http.MethodDelete, "/api/staff/tokens/"+url.PathEscape(args[0]), nil, nil); err != nil {
					return err
				}
				fmt.Fprintln(p.out, "The token no longer works.")
				return nil
			})
		},
	}
	store.add(cmd.Flags())
	return cmd
}
