package main

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/actors/discovery"
	"mesos/actors/discovery/dns"
	"mesos/cmd/internal/version"
)

const dnsUsage = `mesos dns [--listen HOST:PORT] [--domain NAME] [--resolver HOST:PORT]...

Examples:
   mesos dns --listen 127.0.0.1:8053               then: dig @127.0.0.1 -p 8053 web.marathon.mesos
   mesos dns --http 127.0.0.1:8123                 then: curl 127.0.0.1:8123/v1/services/_web._tcp.marathon.mesos
   mesos dns --listen :53 --resolver 10.0.0.2:53   for /etc/resolv.conf of other machines`

const dnsDescription = `Answers DNS queries for what runs on the cluster, under the names of mesos-dns:
   TASK.FRAMEWORK.mesos             addresses of running tasks
   _TASK._tcp.FRAMEWORK.mesos       SRV records of their ports; _PORT._TASK._tcp... of ports that have a name
   leader.mesos, slave.mesos        the leading master, and the agents
Tasks come and go with the master's events, not by polling. While no master leads the answers stay as they are.

`

func dnsCommand() *cli.Command {
	return &cli.Command{
		Name: "dns", Usage: "answer DNS queries for running tasks", UsageText: dnsUsage, Description: dnsDescription + exitCodes, OnUsageError: onUsageError,
		Flags: append([]cli.Flag{
			masterFlag(),
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:53", Usage: "`HOST:PORT` for queries over UDP and TCP"},
			&cli.StringFlag{Name: "domain", Value: "mesos", Usage: "`NAME` that all names end in"},
			&cli.DurationFlag{Name: "ttl", Value: 5 * time.Second, Usage: "how long others may keep an answer: short, because tasks move"},
			&cli.BoolFlag{Name: "healthy", Usage: "leave out tasks whose health check (one of Mesos) fails or has no result yet, for load balancers"},
			&cli.StringSliceFlag{Name: "resolver", Usage: "`HOST:PORT` of a name server for all other names; without one they are refused"},
		}, serviceFlags("the same answers over HTTP, as mesos-dns has them on port 8123, and for ")...),
		Action: runDNS,
	}
}

func runDNS(c *cli.Context) (err error) {
	if err := errors.Join(noArguments(c), checkDNS(c)); err != nil {
		return err
	}
	m, err := masterClient(c)
	if err != nil {
		return err
	}
	defer m.Close()
	ctx, stop := untilInterrupted(c)
	defer stop()
	z := discovery.NewZone(c.String("domain"))
	x, err := startService(c, discovery.API(z, version.Version))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.stop()) }()
	s, err := dns.Start(dns.Options{Zone: z, Addr: c.String("listen"), TTL: c.Duration("ttl"), Resolvers: c.StringSlice("resolver"), Metrics: x.reg, Log: x.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, within(s.Stop)) }()
	x.log.Info("answering", "dns", s.Addr(), "http", x.addr, "domain", z.Domain())

	var watch sync.WaitGroup
	defer watch.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	book := discovery.Names(z)
	if c.Bool("healthy") {
		book = discovery.OnlyHealthy(book)
	}
	watch.Go(func() { discovery.Watch(ctx, book, leaderOf(m), m.Credential, m.TLS, x.log) })
	return x.wait(ctx)
}

// checkDNS finds what is wrong with the flags.
func checkDNS(c *cli.Context) error {
	if discovery.Domain(c.String("domain")) != c.String("domain") {
		return usageError(c, "--domain=%s is no domain: letters, digits and dashes, with dots between, like mesos", c.String("domain"))
	}
	if c.Duration("ttl") < 0 {
		return usageError(c, "--ttl=%v is negative", c.Duration("ttl"))
	}
	if err := checkLogFormat(c); err != nil {
		return err
	}
	for _, r := range append(c.StringSlice("resolver"), c.String("listen")) {
		if _, _, err := net.SplitHostPort(r); err != nil {
			return usageError(c, "%q is not HOST:PORT, like 127.0.0.1:53", r)
		}
	}
	return nil
}
