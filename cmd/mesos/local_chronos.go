package main

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"syscall"

	"mesos/cmd/flags"
	"mesos/cmd/internal/daemon"
)

// startLocalChronos starts chronos, if it is wanted, and gives its URL and what
// ends it. Where no port is asked for it has its usual one, or any.
func startLocalChronos(f *flags.Set, work string, m *daemon.Master, onFailed func(error), log *slog.Logger) (url string, stop func() error, err error) {
	if !f.Bool("chronos") {
		return "", func() error { return nil }, nil
	}
	cf := daemon.ChronosFlags()
	values := map[string]string{"master": m.System.Addr(), "ip": f.String("ip"), "work_dir": filepath.Join(work, "chronos")}
	if f.Given("chronos_port") {
		values["port"] = strconv.Itoa(f.Int("chronos_port"))
	}
	if err := cf.SetAll(values); err != nil {
		return "", nil, err
	}
	s, err := daemon.ChronosFrom(cf)
	if err != nil {
		return "", nil, err
	}
	s.Config.OnFailed = onFailed
	c, err := daemon.StartChronos(s, log)
	if errors.Is(err, syscall.EADDRINUSE) && !f.Given("chronos_port") {
		s.Address.Port = 0
		c, err = daemon.StartChronos(s, log)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%w (`mesos local --chronos=false` goes without it)", err)
	}
	return c.URL, c.Stop, nil
}
