package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"

	"mesos/actors"
	"mesos/actors/marathon"
	"mesos/cmd/flags"
	"mesos/cmd/internal/daemon"
	"mesos/cmd/internal/ssl"
)

// usualMarathonPort is where people look for marathon.
const usualMarathonPort = 8080

// localMarathonRole is the role of the marathon of `mesos local`: with one of its own apps may have persistent volumes.
const localMarathonRole = "marathon"

// startLocalMarathon starts a marathon that forgets its apps with the cluster, if
// it is wanted, and gives its URL and what ends it. Where no port is asked for it
// has its usual one, or any.
func startLocalMarathon(f *flags.Set, m *daemon.Master, onFailed func(error), log *slog.Logger) (url string, stop func() error, err error) {
	if !f.Bool("marathon") {
		return "", func() error { return nil }, nil
	}
	s := daemon.MarathonSettings{
		Address: daemon.Address{IP: f.String("ip"), Port: usualMarathonPort, Hostname: f.String("ip")},
		Config:  marathon.Config{Master: actors.UPID{ID: "master", Addr: m.System.Addr()}, Role: localMarathonRole, OnFailed: onFailed},
	}
	if s.Address.TLS, err = ssl.FromEnvironment(os.Environ(), true, log); err != nil {
		return "", nil, err
	}
	given := f.Given("marathon_port")
	if given {
		s.Address.Port = f.Int("marathon_port")
	}
	r, err := daemon.StartMarathon(s, log)
	if errors.Is(err, syscall.EADDRINUSE) && !given {
		s.Address.Port = 0
		r, err = daemon.StartMarathon(s, log)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%w (`mesos local --marathon=false` goes without it)", err)
	}
	return r.URL, r.Stop, nil
}
