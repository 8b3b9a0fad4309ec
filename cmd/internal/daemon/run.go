package daemon

import (
	"os"
	"os/signal"
	"syscall"
)

// UntilSignal waits for SIGINT or SIGTERM, or for failed to yield an error,
// which it returns.
func UntilSignal(failed <-chan error) error {
	stop := make(chan os.Signal, 2)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	select {
	case <-stop:
		return nil
	case err := <-failed:
		return err
	}
}

// Failure makes the OnFailed of an agent, and the channel where it is heard.
func Failure() (func(error), <-chan error) {
	c := make(chan error, 1)
	return func(err error) {
		select {
		case c <- err:
		default: // one reason is enough to stop
		}
	}, c
}
