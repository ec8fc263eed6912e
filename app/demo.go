package app

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"
)

func (p *program) demoVerb() *cobra.Command {
	var store storeFlags
	var remove bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Fill the store with a believable small business, or take it out again",
		Long: `Demo adds a small business with 60 contacts, tags, notes and invitations, to try
everything out. Its mail is kept as .eml files in the data folder and goes to
nobody. demo --remove takes out what demo added, in one step, and leaves
everything else as it is.

Exit codes: 0 done, 1 failed, 2 not understood, 3 the data is in use and does not answer.`,
		Example: `  portico demo
  portico demo --data ~/portico-demo
  portico demo --remove`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withStaff(cmd.Context(), store, func(c *client) error {
				if remove {
					if err := c.do(cmd.Context(), http.MethodDelete, "/api/staff/demo", nil, nil); err != nil {
						return err
					}
					fmt.Fprintln(p.out, "The demonstration is gone; everything else is as it was.")
					return nil
				}
				var added struct {
					Contacts int `json:"contacts"`
				}
				if err := c.do(cmd.Context(), http.MethodPost, "/api/staff/demo", nil, &added); err != nil {
					return err
				}
				fmt.Fprintf(p.out, "Added a small business with %d contacts. Its mail is kept as files and goes to nobody.\nTake it out again with: portico demo --remove\n", added.Contacts)
				return nil
			})
		},
	}
	store.add(cmd.Flags())
	cmd.Flags().BoolVar(&remove, "remove", false, "take out what demo added")
	markOnce(cmd.Flags(), "remove")
	return cmd
}
