package cluster

import "os"

// Daemon starts another program at host:port of a network namespace, nil for that of the test. It ends with the cluster, and
// is there when it answers at the path health.
func (c *Cluster) Daemon(name, addr string, net *os.File, health string, argv ...string) *Process {
	c.t.Helper()
	p := c.process(name, addr, net, argv)
	c.more = append(c.more, p)
	p.health = health
	p.waitHealthy()
	return p
}
