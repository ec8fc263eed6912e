package app

import (
	"github.com/spf13/cobra"
)

// root is the command line: the window without a verb, everything else with one.
func (p *program) root() *cobra.Command {
	var o windowOptions
	root := &cobra.Command{
		Use:   "portico",
		Short: "A client portal for small businesses",
		Long: `Portico is a client portal for small businesses, on your own computer.

Without a verb it opens its window. The portal for clients runs as long as the
window's program does; closing the window can keep it running in the background.

Every flag that says how to run can come from a variable as well: --data from
PORTICO_DATA, --base-url from PORTICO_BASE_URL, and so on. Flags win.

` + exitCodesHelp,
		Example: `  portico                              open the window
  portico --data ~/portico-demo        open it on another data folder
  portico serve                        run without a window; prints where to look
  portico demo                         fill the store with a believable small business`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownVerb(cmd, args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.listenGiven = cmd.Flags().Changed("listen")
			return p.openWindow(cmd.Context(), o)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return p.fromEnvironment(cmd.Flags())
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(flagProblem)
	root.PersistentFlags().BoolVar(&p.verbose, "verbose", false, "show the causes of errors and write a detailed log")
	o.store.add(root.Flags())
	root.Flags().StringVar(&o.listen, "listen", defaultListen, "where the portal for clients listens, as `address:port`; the next free port when taken")
	root.Flags().StringVar(&o.listenTLS, "listen-tls", "", "where it listens for https, as `address:port` (default: :8443, or the next free port, once a name is set up)")
	o.domain.add(root.Flags())
	root.Flags().BoolVar(&o.hidden, "hidden", false, "start in the background, without showing the window (used by autostart)")
	markOnce(root.Flags(), "hidden")
	root.AddCommand(p.serveVerb(), p.staffLinkVerb(), p.demoVerb(), p.tokenVerb(), p.domainVerb(), p.verifyVerb(),
		p.routesVerb(), p.openAPIVerb(), p.versionVerb())
	return root
}

// windowOptions are the flags of the window.
type windowOptions struct {
	store       storeFlags
	listen      string
	listenTLS   string
	domain      domainFlags
	listenGiven bool
	hidden      bool
}
