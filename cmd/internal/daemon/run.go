package daemon

import (
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"mesos/cmd/internal/systemd"
)

// Serve goes on with a daemon that was started, until it fails or is told to end,
// and then stops it. Meanwhile systemd hears what look says, if it runs the program.
func Serve(manager *systemd.Manager, log *slog.Logger, url string, look func() (systemd.Health, error), failed <-chan error, stop func() error) error {
	log.Info("serving", "url", url)
	watch := manager.Watch(look, log)
	err := UntilSignal(failed)
	watch.Stopping()
	err = errors.Join(err, stop())
	watch.Wait()
	return err
}

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
