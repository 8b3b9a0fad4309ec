package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"
	"google.golang.org/protobuf/proto"

	"mesos/actors/discovery"
	"mesos/actors/discovery/services"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/catalog"
	"mesos/registry/consul"
)

const consulUsage = `mesos consul [--consul consul://HOST:PORT/PATH] [--http HOST:PORT]

Examples:
   mesos consul --consul consul://127.0.0.1:8500/mesos     then: curl 127.0.0.1:8500/v1/health/service/web?passing
   in a template of consul-template, for haproxy:          {{range service "web"}}server {{.ID}} {{.Address}}:{{.Port}} check{{end}}
   traefik:                                                --providers.consulcatalog, and labels traefik.... of the app
   with Consul's DNS:                                      dig @127.0.0.1 -p 8600 web.service.consul SRV`

const consulDescription = `Registers the ports of running tasks as services in Consul's catalog, so that load balancers that read it find them.
A service has the name that a task has in DNS (/prod/web of marathon is web-prod), further ports that with the port's name behind it
(web-prod-admin). Tags are the framework's name, the port's, those of the label "tags", and labels that begin with "traefik.". Other
labels are metadata. A service is critical while the health check of its task fails or has no result yet, and goes when its task is being killed.
Nodes are the agents, named mesos-ID. Several of these programs may run: one writes. Without any the services stay, and the next one
corrects what has changed. What others have registered is never touched.

`

// consulRights are what the token of this program must allow beyond an election.
const consulRights = `; and for services node_prefix "mesos-" and service_prefix "" with write`

func consulCommand() *cli.Command {
	return &cli.Command{
		Name: "consul", Usage: "register running tasks as services in Consul", UsageText: consulUsage, Description: consulDescription + exitCodes, OnUsageError: onUsageError,
		Flags: append([]cli.Flag{
			masterFlag(),
			&cli.StringFlag{Name: "consul", Usage: "`URL` of Consul, like that of masters: consul://HOST:PORT,HOST:PORT/PATH, with ?token_file=… and the like. Clusters that share a Consul have different paths", DefaultText: "--master, if that is one"},
		}, serviceFlags("")...),
		Action: runConsul,
	}
}

func runConsul(c *cli.Context) (err error) {
	if err := errors.Join(noArguments(c), checkLogFormat(c)); err != nil {
		return err
	}
	conf, owner, err := consulConfig(c)
	if err != nil {
		return err
	}
	m, err := masterClient(c)
	if err != nil {
		return err
	}
	defer m.Close()
	ctx, stop := untilInterrupted(c)
	defer stop()
	x, err := startService(c, http.NotFoundHandler())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.stop()) }()
	contender, err := consul.NewContender(conf, x.log)
	if err != nil {
		return err
	}

	wanted, self := services.NewWanted(), registrarInfo(x.addr)
	registrar := services.NewRegistrar(services.Options{Wanted: wanted, Metrics: x.reg, Log: x.log, Contend: func(ctx context.Context) (catalog.Catalog, error) {
		return contender.ContendCatalog(ctx, self, owner)
	}})
	var work sync.WaitGroup
	defer work.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work.Go(func() { discovery.Watch(ctx, wanted, leaderOf(m), m.Credential, m.TLS, x.log) })
	work.Go(func() { registrar.Run(ctx) })
	x.log.Info("registering tasks as services", "consul", strings.Join(conf.Addrs, ","), "path", conf.Path, "http", x.addr)
	return x.wait(ctx)
}

// consulConfig is where Consul is, and whose entries are kept there. The lock is beside the keys of masters, so that one URL serves both.
func consulConfig(c *cli.Context) (conf consul.Config, owner string, err error) {
	url := c.String("consul")
	if url == "" {
		if url, err = masterText(c, "master"); err != nil {
			return conf, "", err
		}
		if !strings.HasPrefix(url, consul.Scheme) {
			return conf, "", usageError(c, "--consul is missing: write --consul consul://HOST:PORT/PATH, like consul://127.0.0.1:8500/mesos")
		}
	}
	if conf, err = consul.Parse(url); err != nil {
		return conf, "", usageError(c, "--consul: %v", err)
	}
	owner = conf.Path
	conf.Path, conf.Service, conf.Rights = conf.Path+"/services", "mesos-consul", consulRights
	return conf, owner, nil
}

// registrarInfo is what others see of this program in Consul: where its metrics are.
func registrarInfo(addr string) *v1.MasterInfo {
	host, text, _ := net.SplitHostPort(addr) // none without --http
	port, _ := strconv.Atoi(text)
	return &v1.MasterInfo{
		Id: proto.String(uuid.NewString()), Ip: proto.Uint32(0), Port: proto.Uint32(uint32(port)),
		Address: &v1.Address{Ip: &host, Port: proto.Int32(int32(port))},
	}
}
