package app

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// storeFlags say where the data is. Every verb that touches data has them.
type storeFlags struct{ data, database, secrets string }

func (s *storeFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&s.data, "data", "", "the data `folder` (default: "+defaultPlaceHelp+")")
	flags.StringVar(&s.database, "database", "", "keep the store in PostgreSQL: `postgres://…` (default: a file in the data folder)")
	flags.StringVar(&s.secrets, "secrets", "", "read the keys from this `file` (default: the system's keychain, else a private file in the data folder)")
}

// envPrefix begins the variable that stands in for a flag: --data is PORTICO_DATA.
const envPrefix = "PORTICO_"

func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment fills the flags that the command line left out. Only flags
// that say how to run have a variable, not those that ask for something once.
func (p *program) fromEnvironment(flags *pflag.FlagSet) error {
	var wrong error
	flags.VisitAll(func(f *pflag.Flag) {
		value := p.env(envName(f.Name))
		if f.Changed || value == "" || wrong != nil || f.Annotations[onceOnly] != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			wrong = usage("The variable %s holds %q, which --%s does not take: %s.", envName(f.Name), value, f.Name, reason(err))
		}
	})
	return wrong
}

// onceOnly marks a flag that no variable may set.
const onceOnly = "portico_once_only"

func markOnce(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		// SetAnnotation fails only for a name that was never defined.
		if err := flags.SetAnnotation(name, onceOnly, []string{"true"}); err != nil {
			panic(err)
		}
	}
}

// noArgs refuses arguments in a sentence.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no argument %q.", cmd.CommandPath(), args[0])
	}
	return nil
}

// oneOf wants exactly one argument out of a list.
func oneOf(choices ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 || !slices.Contains(choices, args[0]) {
			return usage("%s needs one of: %s.", cmd.CommandPath(), strings.Join(choices, ", "))
		}
		return nil
	}
}

// subOnly is the body of a verb that only groups others.
func subOnly(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return unknownVerb(cmd, args[0])
}

// unknownVerb names the nearest verb where there is one.
func unknownVerb(cmd *cobra.Command, verb string) error {
	if near := cmd.SuggestionsFor(verb); len(near) > 0 {
		return usage("%s has no verb %q. Did you mean %q?", cmd.CommandPath(), verb, near[0])
	}
	return usage("%s has no verb %q.", cmd.CommandPath(), verb)
}

// nearestFlag finds the flag that was probably meant.
func nearestFlag(cmd *cobra.Command, name string) string {
	best, distance := "", 3
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := editDistance(name, f.Name); d < distance && !f.Hidden {
			best, distance = f.Name, d
		}
	})
	return best
}

// editDistance counts the letters to change, add or remove (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
