package zookeeper

import (
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"mesos/registry/zookeeper"
)

// Nodes looks at the masters' nodes as a client does that is not ours.
type Nodes struct {
	t    testing.TB
	c    *zk.Conn
	path string
}

// Look begins to look at what a zk:// URL names.
func Look(t testing.TB, url string) *Nodes {
	t.Helper()
	conf, err := zookeeper.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := zk.Connect(conf.Addrs, 10*time.Second, zk.WithDialer(dial), zk.WithLogInfo(false), zk.WithLogger(quietLogger{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &Nodes{t, c, conf.Path}
}

// dial makes connections that give up a server that says nothing: one that begins to run does so.
func dial(network, addr string, limit time.Duration) (net.Conn, error) {
	c, err := net.DialTimeout(network, addr, limit)
	return impatient{c}, err
}

type impatient struct{ net.Conn }

func (c impatient) SetReadDeadline(time.Time) error {
	return c.Conn.SetReadDeadline(time.Now().Add(5 * time.Second)) // pings come more often
}

type quietLogger struct{}

func (quietLogger) Printf(string, ...any) {}

// Names are the masters' nodes, the leader's first; none while ZooKeeper does not answer.
func (n *Nodes) Names() []string {
	children, _, err := n.c.Children(n.path)
	if err != nil {
		return nil
	}
	children = slices.DeleteFunc(children, func(name string) bool { return !strings.HasPrefix(name, "json.info_") })
	slices.Sort(children)
	return children
}

// Leader is the value of the leader's node, "" if there is none.
func (n *Nodes) Leader() string {
	names := n.Names()
	if len(names) == 0 {
		return ""
	}
	value, _, err := n.c.Get(n.path + "/" + names[0])
	if err != nil {
		return ""
	}
	return string(value)
}

// Add makes a node as a master of Apache Mesos does, and returns its name.
func (n *Nodes) Add(value string) string {
	n.t.Helper()
	if _, err := n.c.Create(n.path, nil, 0, zk.WorldACL(zk.PermAll)); err != nil && !errors.Is(err, zk.ErrNodeExists) {
		n.t.Fatal(err)
	}
	name, err := n.c.Create(n.path+"/json.info_", []byte(value), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		n.t.Fatal(err)
	}
	return strings.TrimPrefix(name, n.path+"/")
}

// Remove deletes a node.
func (n *Nodes) Remove(name string) error { return n.c.Delete(n.path+"/"+name, -1) }
