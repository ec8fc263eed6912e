package app

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is this release.
const Version = "0.1.0"

// build describes the program that runs.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	System   string `json:"system"`
	Go       string `json:"go"`
	Window   bool   `json:"window"`
}

func thisBuild() build {
	b := build{Version: Version, System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Window: hasWindow}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			b.Revision = s.Value[:12]
		}
	}
	return b
}

func (p *program) versionVerb() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print which Portico this is",
		Long:  "Version prints the release and what it was built for.\n\nExit codes: 0 printed, 2 not understood.",
		Example: `  portico version
  portico version --json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			if asJSON {
				return json.NewEncoder(p.out).Encode(b)
			}
			kind := "with a window"
			if !b.Window {
				kind = "without a window"
			}
			if b.Revision != "" {
				b.Revision = " (" + b.Revision + ")"
			}
			fmt.Fprintf(p.out, "portico %s%s, %s, %s, %s\n", b.Version, b.Revision, kind, b.System, b.Go)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	markOnce(cmd.Flags(), "json")
	return cmd
}
