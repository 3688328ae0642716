package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	arimock "missedcalls/ari-mock"
	"missedcalls/cmd/missedcalls/standin"
)

func ariMockCommand() *cobra.Command {
	var listen string
	var anywhere bool
	cmd := &cobra.Command{
		Use:   "ari-mock [SCENARIO.yaml]",
		Short: "Run a stand-in Asterisk: ARI on a port, with callers out of a scenario file or by HTTP",
		Long: "Run a stand-in Asterisk: the REST interface and the websocket of ARI as far as serve uses them. Who calls is told by a\n" +
			"scenario file, or over HTTP below /mock/; docs/demo.md has both. It runs until interrupted.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkListen(listen, anywhere); err != nil {
				return usageError{err}
			}
			var scenario arimock.Scenario
			if len(args) > 0 {
				var err error
				if scenario, err = arimock.LoadScenario(args[0]); err != nil {
					return usageError{err}
				}
			}
			ctx, stop := untilSignal(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return serveMock(ctx, listen, scenario, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8088", "host:port to listen at; port 0 is a free one")
	cmd.Flags().BoolVar(&anywhere, "anywhere", false, "allow an address that other machines can reach")
	return cmd
}

// checkListen refuses an address beyond this machine unless it is asked for.
func checkListen(listen string, anywhere bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen %q: must be host:port, such as 127.0.0.1:8088", listen)
	}
	ip, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && ip.Unmap().IsLoopback() || anywhere {
		return nil
	}
	return fmt.Errorf("--listen %s can be reached from other machines, and the stand-in lets everybody make calls below /mock/: "+
		"listen on 127.0.0.1, or add --anywhere where that is wanted", listen)
}

func serveMock(ctx context.Context, listen string, s arimock.Scenario, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; give another address with --listen", listen, err)
	}
	return standin.Run(ctx, listener, s, out)
}
