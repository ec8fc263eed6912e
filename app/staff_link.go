package app

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) staffLinkVerb() *cobra.Command {
	var store storeFlags
	cmd := &cobra.Command{
		Use:   "staff-link",
		Short: "Print a one-time address for the staff dashboard",
		Long: `Staff-link asks the portico serve that runs with this data for an address that
signs a browser in to the staff dashboard. It works once and soon expires.

Exit codes: 0 printed, 1 failed, 2 not understood, 3 nothing serves this data.`,
		Example: `  portico staff-link
  portico staff-link --data /srv/portico
  xdg-open "$(portico staff-link)"`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withRunning(cmd.Context(), store, func(c *client) error {
				link, err := staffLink(cmd.Context(), c)
				if err == nil {
					fmt.Fprintln(p.out, link)
				}
				return err
			})
		},
	}
	store.add(cmd.Flags())
	return cmd
}
