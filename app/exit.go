package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"portico/backend/kernel/db"
	"portico/backend/kernel/fault"
	"portico/backend/kernel/web"
)

// The exit codes, told to people by `portico --help`.
const (
	exitOK        = 0
	exitFailed    = 1
	exitUsage     = 2
	exitPlace     = 3
	exitUnhealthy = 4
	exitNoWindow  = 5
	exitAtOnce    = 130 // what shells know as "ended by Ctrl-C"
)

const exitCodesHelp = `Exit codes:
  0    it worked
  1    it did not work; the sentence on stderr says why and what to do
  2    the command line was not understood
  3    the data folder is in use in a way that stands against this, or nothing runs where something has to
  4    something that was looked at is damaged or not in order
  5    no window can be shown here (no screen, or a build without one); use portico serve
  130  ended at once by a second Ctrl-C
`

// exitCode is an error that has been told already.
type exitCode int

// Error implements error.
func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// usageError is a command line that was not understood.
type usageError struct{ sentence string }

// Error implements error.
func (e usageError) Error() string { return e.sentence }

func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// The faults of the command line itself.
var (
	errNotRunning = fault.New(fault.Unavailable, "app.not_running",
		"Portico is not running with this data. Start it with `portico serve` (or open its window) and try again.")
	errNoStaffListener = fault.New(fault.Conflict, "app.no_staff_listener",
		"Portico runs with this data in its window, which needs no address. Use the window; `portico serve` offers the dashboard to a browser.")
	errServing = fault.New(fault.Conflict, "app.serving",
		"Portico already serves this data without a window. Open the address that `portico staff-link` prints, or stop `portico serve` first.")
	errNoScreen = fault.New(fault.Unavailable, "app.no_screen",
		"There is no screen here to show a window on. Run `portico serve` instead and open the address it prints in a browser.")
	errNoWindow = fault.New(fault.Unavailable, "app.no_window",
		"This build of Portico has no window. Run `portico serve` and open the address it prints in a browser, or build the window with `go run ./build/task build`.")
	errWindowBroken = fault.New(fault.Unavailable, "app.window_broken",
		"The window could not be opened. Run `portico serve` and open the address it prints in a browser.")
)

// codes are the faults that have an exit code of their own.
var codes = map[string]int{
	db.ErrInUse.Code:        exitPlace,
	errNotRunning.Code:      exitPlace,
	errNoStaffListener.Code: exitPlace,
	errServing.Code:         exitPlace,
	errNoScreen.Code:        exitNoWindow,
	errNoWindow.Code:        exitNoWindow,
	errWindowBroken.Code:    exitNoWindow,
}

// explain tells an error in a sentence on stderr and answers the exit code.
func (p *program) explain(ran *cobra.Command, err error) int {
	var wrong usageError
	if errors.As(err, &wrong) {
		fmt.Fprintf(p.err, "portico: %s\nRun `%s --help` to see what it takes.\n", wrong.sentence, ran.CommandPath())
		return exitUsage
	}
	problem := web.ProblemOf(err, "en", speak)
	fmt.Fprintln(p.err, "portico: "+problem.Detail)
	for _, field := range problem.Errors {
		if field.Message != problem.Detail {
			fmt.Fprintf(p.err, "  %s: %s\n", field.Field, field.Message)
		}
	}
	var shut *barred
	if errors.As(err, &shut) && len(shut.remedies) > 0 {
		fmt.Fprintln(p.err, "What helps, the first or another:")
		for _, r := range shut.remedies {
			what, _ := speak("en", "domains.cure."+string(r.Cure), r.Params)
			printRemedy(p.err, what, r.Commands)
		}
	}
	f := fault.As(err)
	if f.Cause != nil && p.verbose {
		fmt.Fprintf(p.err, "  %s: %v\n", f.Code, f.Cause)
	}
	if f.Cause != nil && !p.verbose && f.Kind == fault.Internal {
		fmt.Fprintln(p.err, "  Run it again with --verbose to see the cause.")
	}
	if code, known := codes[f.Code]; known {
		return code
	}
	return exitFailed
}

// flagProblem puts what pflag found into a sentence.
func flagProblem(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var bad *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if near := nearestFlag(cmd, name); near != "" {
			return usage("%s has no flag %s. Did you mean --%s?", cmd.CommandPath(), dashed(name), near)
		}
		return usage("%s has no flag %s.", cmd.CommandPath(), dashed(name))
	case errors.As(err, &empty):
		return usage("The flag %s needs a value.", dashed(empty.GetSpecifiedName()))
	case errors.As(err, &bad):
		return usage("The flag --%s does not take %q: %s.", bad.GetFlag().Name, bad.GetValue(), reason(err))
	}
	return usage("The flags were not understood: %v.", err)
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// reason is the innermost part of an error.
func reason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return strings.TrimSuffix(err.Error(), ".")
		}
		err = inner
	}
}
