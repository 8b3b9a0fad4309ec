package main

import (
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"mesos/cmd/flags"
	"mesos/cmd/internal/daemon"
)

// usualChronos is the port of a chronos that nobody moved.
const usualChronos = 4400

// localChronos is the chronos of `mesos local`; it may be none.
type localChronos struct{ running *daemon.Chronos }

func startLocalChronos(f *flags.Set, work string, m *daemon.Master, onFailed func(error), log *slog.Logger) (localChronos, error) {
	if !f.Bool("chronos") {
		return localChronos{}, nil
	}
	port := 0
	switch {
	case f.Has("chronos_port"):
		port = f.Int("chronos_port")
	case f.Int("port") == 5050:
		port = usualChronos
	}
	cf := daemon.ChronosFlags()
	if err := cf.SetAll(map[string]string{
		"master": m.System.Addr(), "ip": f.String("ip"), "port": fmt.Sprint(port), "work_dir": filepath.Join(work, "chronos"),
	}); err != nil {
		return localChronos{}, err
	}
	s, err := daemon.ChronosFrom(cf)
	if err != nil {
		return localChronos{}, err
	}
	s.Config.OnFailed = onFailed
	c, err := daemon.StartChronos(s, log)
	if err != nil {
		return localChronos{}, fmt.Errorf("%w (`mesos local --no-chronos` goes without it)", err)
	}
	return localChronos{c}, nil
}

// welcome tells a person where it is.
func (l localChronos) welcome(out io.Writer) {
	if l.running != nil {
		_, _ = fmt.Fprintf(out, "\nJobs that run at their times: chronos is at %s\n", l.running.URL)
	}
}

// Stop ends it.
func (l localChronos) Stop() error {
	if l.running == nil {
		return nil
	}
	return l.running.Stop()
}
