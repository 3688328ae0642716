// Command missedcalls is the queue that Asterisk people install instead of app_queue: it loses nobody, and nobody who
// failed to reach a person is forgotten.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"missedcalls/app/config"
	arimock "missedcalls/ari-mock"
)

// version and commit are set by the build.
var (
	version = "dev"
	commit  = "unknown"
)

// Exit codes.
const (
	exitOK = iota
	// exitFailed: it ran, and failed.
	exitFailed
	// exitUsage: wrong usage or configuration; nothing was started.
	exitUsage
)

// usageError is an error of whoever typed the command or wrote the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// run is the command with everything it touches as an argument. It returns the exit code.
func run(args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "missedcalls",
		Short:         "A call queue for Asterisk that forgets no caller",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		serveCommand(environ), demoCommand(environ), ariMockCommand(), queuesCommand(environ), membersCommand(environ), missedCommand(environ),
		deadCommand(environ), renderCommand(environ), notifyTestCommand(environ), checkConfigCommand(environ), versionCommand(),
	)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	cmd, err := root.ExecuteC()
	if err == nil {
		return exitOK
	}
	if !started && !errors.As(err, new(usageError)) { // cobra's own: arguments and commands
		err = fmt.Errorf("%w; %s", err, usage(cmd))
	}
	tell(stderr, err)
	if errors.As(err, new(usageError)) || !started {
		return exitUsage
	}
	return exitFailed
}

// usage says how a command is used, or where its commands are listed.
func usage(cmd *cobra.Command) string {
	if cmd.HasSubCommands() {
		return fmt.Sprintf("`%s --help` lists those there are", cmd.CommandPath())
	}
	return "usage: " + cmd.UseLine()
}

// tell prints an error, or each of many problems on a line of its own.
func tell(w io.Writer, err error) {
	var file config.Problems
	var scenario arimock.ScenarioProblems
	switch {
	case errors.As(err, &file):
		fmt.Fprintln(w, file.Error())
	case errors.As(err, &scenario):
		fmt.Fprintln(w, scenario.Error())
	default:
		fmt.Fprintln(w, "missedcalls:", err)
	}
}
