package cluster

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mesos/actors/secure"
	"mesos/actors/secure/securetest"
)

// Options says what cluster to start. The zero value is one master and one agent in one process (mesos local).
type Options struct {
	// Agents is the number of agents; 0 means 1, None means none.
	Agents int
	// Resources is the --resources text of each agent; "" means 4 cpus, 4096 MB, 10240 MB of disk and 1000 ports.
	// With Separate {n} in it is the agent's number: agents whose tasks listen on all addresses need ports of their own.
	Resources string
	// Separate starts mesos-master and each mesos-agent as a process of its own, which a test can kill one by one.
	Separate bool
	// Masters is the number of masters, which elect their leader at Consul, a URL for --consul and --master; 0 means
	// one without an election. It needs Separate.
	Masters int
	Consul  string
	// Detect is the --master of the agents, "" for the master's address, or Consul; it needs Separate.
	Detect string
	// MasterFlags and AgentFlags are added to the command lines; they need Separate.
	MasterFlags, AgentFlags []string
	// LocalFlags are added to the command line of mesos local; they need Separate to be false. It runs no marathon
	// unless they say so.
	LocalFlags []string
	// Env is added to the environment of the daemons, KEY=VALUE.
	Env []string
	// User is whom requests to the daemons come from, for those that authenticate; nil: nobody.
	User *url.Userinfo
	// Authority has the daemons speak TLS, and only TLS: each with a certificate of it, for its address, and believing only
	// such. Options.Env may say otherwise. nil: without TLS.
	Authority *securetest.Authority
	// Place says where the daemon of a name runs ("master-0", "agent-1"); nil: all of them on one loopback address. It
	// needs Separate.
	Place func(name string) Place
	// Prepare is called with the work directory of each agent, made and empty, before the agent starts; it needs
	// Separate. What it does there must be undone by a cleanup of the test.
	Prepare func(workDir string)
}

// Place is a host for daemons. What a daemon starts is there, too.
type Place struct {
	IP  string   // an address of the host that the test can reach
	Net *os.File // the host's network namespace; nil: that of the test
}

// None as Options.Agents starts a master without agents.
const None = -1

const defaultResources = "cpus:4;mem:4096;disk:10240;ports:[31000-31999]"

// Cluster is a running cluster. Without Options.Separate, Master is the one process and Agents is empty.
type Cluster struct {
	Master  *Process   // the first one
	Masters []*Process // all of an election
	Agents  []*Process
	WorkDir string // holds the work directory of each process, named as the process

	t    testing.TB
	o    Options
	ip   string
	base int
	n    int        // agents, however they run
	more []*Process // see Daemon
	tls  *secure.TLS
}

// Start starts a cluster that ends with the test and returns when the master answers and counts all agents.
func Start(t testing.TB, o Options) *Cluster {
	t.Helper()
	if o.Separate && o.LocalFlags != nil || !o.Separate && (o.MasterFlags != nil || o.AgentFlags != nil || o.Place != nil || o.Prepare != nil) {
		t.Fatal("cluster.Options: MasterFlags, AgentFlags, Place and Prepare need Separate, LocalFlags exclude it")
	}
	c := &Cluster{t: t, o: o, n: agentCount(o.Agents)}
	c.prepare()
	if o.Separate {
		c.startSeparate()
	} else {
		c.startLocal()
	}
	c.WaitAgents(c.n)
	return c
}

func agentCount(n int) int {
	switch n {
	case 0:
		return 1
	case None:
		return 0
	}
	return n
}

// prepare claims an address and a work directory, and says how all is cleared away. Cleanups run last to first.
func (c *Cluster) prepare() {
	c.t.Helper()
	if c.o.Resources == "" {
		c.o.Resources = defaultResources
	}
	if c.o.Place == nil {
		ip, base, release, err := claim(c.n + c.o.Masters)
		if err != nil {
			c.t.Fatal(err)
		}
		c.t.Cleanup(release)
		c.ip, c.base = ip, base
	}

	// Not t.TempDir: its name is long, and unix sockets below it must fit in 108 bytes.
	var err error
	c.WorkDir, err = os.MkdirTemp("", "mesos-")
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { os.RemoveAll(c.WorkDir) })
	c.t.Cleanup(c.end)
	c.prepareTLS()
}

func (c *Cluster) startLocal() {
	c.t.Helper()
	c.Master = c.spawn("local", masterPort, append([]string{
		Binary(c.t, "mesos"), "local", "--agents=" + strconv.Itoa(c.n), "--resources=" + c.o.Resources,
		"--ip=" + c.ip, "--port=" + strconv.Itoa(c.base+masterPort),
	}, c.localFlags()...))
	c.Master.waitHealthy()
}

// localFlags leaves out the frameworks that mesos local brings, unless a test wants them.
func (c *Cluster) localFlags() (out []string) {
	for _, framework := range []string{"marathon", "chronos"} {
		if !slices.ContainsFunc(c.o.LocalFlags, func(f string) bool { return strings.HasPrefix(f, "--"+framework) }) {
			out = append(out, "--"+framework+"=false")
		}
	}
	return append(out, c.o.LocalFlags...)
}

func (c *Cluster) startSeparate() {
	c.t.Helper()
	if c.o.Masters == 0 {
		c.Master = c.spawnMaster("master", masterPort, c.o.MasterFlags)
	}
	for i := range c.o.Masters {
		port := masterPort
		if i > 0 && c.o.Place == nil {
			port = agentPort + c.n + i - 1
		}
		c.Masters = append(c.Masters, c.spawnMaster("master-"+strconv.Itoa(i), port, append([]string{"--consul=" + c.o.Consul}, c.o.MasterFlags...)))
		c.Master = c.Masters[0]
	}
	at := c.Master.Addr
	if c.o.Masters > 0 {
		at = c.o.Consul
	}
	if c.o.Detect != "" {
		at = c.o.Detect
	}
	agent := Binary(c.t, "mesos-agent")
	for i := range c.n {
		name, port := "agent-"+strconv.Itoa(i), c.agentPort(i)
		c.Agents = append(c.Agents, c.spawn(name, port, append([]string{
			agent, "--master=" + at,
			"--ip=" + c.place(name).IP, "--port=" + strconv.Itoa(c.base+port), "--hostname=" + c.place(name).IP,
			"--resources=" + strings.ReplaceAll(c.o.Resources, "{n}", strconv.Itoa(i)), "--launcher_dir=" + filepath.Dir(Binary(c.t, "mesos-executor")),
		}, c.o.AgentFlags...)))
	}
	c.Master.waitHealthy()
}

func (c *Cluster) spawnMaster(name string, port int, flags []string) *Process {
	c.t.Helper()
	return c.spawn(name, port, append([]string{
		Binary(c.t, "mesos-master"),
		"--ip=" + c.place(name).IP, "--port=" + strconv.Itoa(c.base+port), "--hostname=" + c.place(name).IP,
	}, flags...))
}

// spawn starts one program with a work directory and a log named after it.
func (c *Cluster) spawn(name string, port int, argv []string) *Process {
	c.t.Helper()
	dir := filepath.Join(c.WorkDir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		c.t.Fatal(err)
	}
	if c.o.Prepare != nil && strings.HasPrefix(name, "agent-") {
		c.o.Prepare(dir)
	}
	place := c.place(name)
	return c.process(name, join(place.IP, c.base+port), place.Net, append(argv, "--work_dir="+dir))
}

func (c *Cluster) process(name, addr string, net *os.File, argv []string) *Process {
	c.t.Helper()
	p := &Process{
		Name: name, Addr: addr, net: net, user: c.o.User, tls: c.tls, t: c.t, argv: argv, health: "/health",
		env:     append(append(cleanEnv(os.Environ()), "MESOS_CGROUPS_ROOT="+c.groupsRoot()), append(c.TLSEnv(), c.o.Env...)...),
		logPath: filepath.Join(c.WorkDir, name+".log"),
	}
	if err := p.start(); err != nil {
		c.t.Fatal(err)
	}
	return p
}

// cleanEnv drops variables that the daemons would read as flags.
func cleanEnv(env []string) []string {
	var out []string
	for _, kv := range env {
		if !strings.HasPrefix(kv, "MESOS_") {
			out = append(out, kv)
		}
	}
	return out
}

// Addr is host:port of the master.
func (c *Cluster) Addr() string { return c.Master.Addr }

// URL is the master's http://host:port, or with TLS https://host:port, followed by path.
func (c *Cluster) URL(path string) string { return c.Master.URL(path) }

// place is where the daemon of that name runs.
func (c *Cluster) place(name string) Place {
	if c.o.Place == nil {
		return Place{IP: c.ip}
	}
	return c.o.Place(name)
}

// agentPort is the port of agent i, without base: those of one address have each their own.
func (c *Cluster) agentPort(i int) int {
	if c.o.Place != nil {
		return agentPort
	}
	return agentPort + i
}

// AgentAddr is host:port of agent i, wherever it runs.
func (c *Cluster) AgentAddr(i int) string {
	return join(c.place("agent-"+strconv.Itoa(i)).IP, c.base+c.agentPort(i))
}

// IP is the loopback address that is this cluster's alone while it runs, "" if its daemons have places.
func (c *Cluster) IP() string { return c.ip }

// AgentWorkDir is the --work_dir of agent i of a cluster with separate processes; sandboxes lie below it.
func (c *Cluster) AgentWorkDir(i int) string {
	return filepath.Join(c.WorkDir, c.Agents[i].Name)
}

func (c *Cluster) processes() []*Process {
	all := slices.Clone(c.Masters)
	if len(all) == 0 && c.Master != nil {
		all = append(all, c.Master)
	}
	return slices.Concat(all, c.Agents, c.more)
}

// end kills the daemons, then every process that lives in the work directory, and shows the logs of a failed test.
func (c *Cluster) end() {
	for _, p := range c.processes() {
		select {
		case <-p.Done():
		default:
			_ = p.cmd.Process.Kill() // fails only for a process that has just ended
			<-p.Done()
		}
	}
	if err := sweep(c.WorkDir); err != nil {
		c.t.Errorf("what the cluster left running: %v", err)
	}
	if err := c.removeGroups(); err != nil {
		c.t.Errorf("what the cluster left of cgroups: %v", err)
	}
	if err := c.removePins(); err != nil {
		c.t.Errorf("what the cluster left of eBPF: %v", err)
	}
	if c.t.Failed() && c.Master != nil {
		c.t.Log(c.tails())
		c.keepLogs(os.Getenv("MESOS_TEST_LOGS"))
	}
}

// keepLogs leaves the whole logs of a failed test in a folder.
func (c *Cluster) keepLogs(folder string) {
	if folder == "" {
		return
	}
	for _, p := range c.processes() {
		name := strings.ReplaceAll(c.t.Name(), "/", "-") + "-" + strconv.Itoa(os.Getpid()) + "-" + p.Name + ".log"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(p.Log()), 0o644); err != nil {
			c.t.Error("MESOS_TEST_LOGS: ", err)
		}
	}
}

func (c *Cluster) tails() string {
	var b strings.Builder
	for _, p := range c.processes() {
		fmt.Fprintln(&b, p.tail())
	}
	return b.String()
}
