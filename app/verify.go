package app

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"portico/backend/kernel/fault"
)

// verdict is what the check of a data folder found.
type verdict struct {
	OK    bool `json:"ok"`
	Items []struct {
		Key  string `json:"key"`
		OK   bool   `json:"ok"`
		What string `json:"what"`
	} `json:"items"`
}

func (p *program) verifyVerb() *cobra.Command {
	var store storeFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that everything in the data folder is whole",
		Long: `Verify reads the store, the files, the audit log's chain and the backups, and
says of each whether it is whole. It changes nothing and works while Portico runs.

Exit codes: 0 everything is whole, 1 the check could not be done, 2 not
understood, 3 the data is in use and does not answer, 4 damage was found, or the
store cannot be read at all.`,
		Example: `  portico verify
  portico verify --data /srv/portico --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := p.withStaff(cmd.Context(), store, func(c *client) error {
				var found verdict
				if err := c.do(cmd.Context(), http.MethodPost, "/api/staff/verify", nil, &found); err != nil {
					return err
				}
				return p.tellVerdict(found, asJSON)
			})
			return p.beyondReading(cmd, err)
		},
	}
	store.add(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	markOnce(cmd.Flags(), "json")
	return cmd
}

func (p *program) tellVerdict(found verdict, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(p.out).Encode(found); err != nil {
			return err
		}
	} else {
		for _, item := range found.Items {
			mark := "ok      "
			if !item.OK {
				mark = "DAMAGED "
			}
			fmt.Fprintln(p.out, mark+item.What)
		}
	}
	if !found.OK {
		fmt.Fprintln(p.err, "portico: Something in the data folder is damaged; the lines above say what. Stop Portico and put back the latest backup, or ask for help before you go on.")
		return exitCode(exitUnhealthy)
	}
	return nil
}

// beyondReading is for a store so damaged that it cannot even be asked.
func (p *program) beyondReading(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	switch fault.As(err).Code {
	case "store.cannot_open", "store.damaged", "store.disk_error":
		p.explain(cmd, err)
		return exitCode(exitUnhealthy)
	}
	return err
}
