// Command mesos-probe asks a web server for one URL and prints the status of
// the answer. mesos-executor starts it for each HTTPS health check, so that
// TLS is in memory for as long as a probe takes, and not as long as a task.
//
// It takes the URL as its only argument, follows redirects, and does not look
// at certificates: a check asks whether the task answers on this machine, not
// who it is. Status 0 and a number on standard output, or status 1 and the
// reason on standard error.
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"mesos/actors/checks/httpget"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: mesos-probe URL")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	status, err := httpget.Status(ctx, os.Args[1], dial)
	if err != nil {
		return err
	}
	fmt.Println(status)
	return nil
}

func dial(ctx context.Context, scheme, addr string) (net.Conn, error) {
	if scheme != "https" {
		return httpget.Plain(ctx, scheme, addr)
	}
	d := tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify: true,
		MinVersion:         tls.VersionTLS10, // old servers are to be checked, too
		NextProtos:         []string{"http/1.1"},
	}}
	return d.DialContext(ctx, "tcp", addr)
}
