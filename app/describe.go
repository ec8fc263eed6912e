package app

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"portico/backend"
)

func (p *program) routesVerb() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "routes",
		Short: "List every route with its audience and policy",
		Long: `Routes lists method, path, audience and policy of everything Portico answers, as
the program enforces it. It needs no data.

Exit codes: 0 listed, 1 failed, 2 not understood.`,
		Example: `  portico routes
  portico routes --json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			d, err := backend.Describe()
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(p.out).Encode(d.Routes)
			}
			t := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "METHOD\tPATH\tAUDIENCE\tPOLICY")
			for _, r := range d.Routes {
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Method, r.Path, r.Audience, r.Policy)
			}
			return t.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	markOnce(cmd.Flags(), "json")
	return cmd
}

func (p *program) openAPIVerb() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "openapi staff|portal",
		Short: "Print the OpenAPI document of an API",
		Long: `Openapi prints the document of the staff API or of the portal's API. It needs no
data.

Exit codes: 0 printed, 1 failed, 2 not understood.`,
		Example: `  portico openapi staff > staff.json
  portico openapi portal > portal.json`,
		Args:      oneOf("staff", "portal"),
		ValidArgs: []string{"staff", "portal"},
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := backend.Describe()
			if err != nil {
				return err
			}
			document := d.Staff
			if args[0] == "portal" {
				document = d.Portal
			}
			_, err = p.out.Write(document)
			return err
		},
	}
	return cmd
}
