package zookeeper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry/zookeeper"
	"mesos/tests/cluster"
)

func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }

func info(id string) *v1.MasterInfo {
	return &v1.MasterInfo{
		Id: proto.String(id), Ip: proto.Uint32(16777343), Port: proto.Uint32(5050), Pid: proto.String("master@127.0.0.1:5050"), Hostname: proto.String("h"),
		Version: proto.String("1.11.0"), Address: &v1.Address{Hostname: proto.String("h"), Ip: proto.String("127.0.0.1"), Port: proto.Int32(5050)},
	}
}

// logged collects a log.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), text)
}

// announce lets a master of cluster be announced until the test ends or stop is called.
func announce(t *testing.T, url, cluster, id string) (log *logged, stop func()) {
	t.Helper()
	conf, err := zookeeper.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	log = &logged{}
	a, err := zookeeper.NewAnnouncer(conf, cluster, info(id), slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { a.Run(ctx) })
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return log, stop
}

// watch collects who leads, as a detector tells it.
func watch(t *testing.T, url string) (told func() []string) {
	t.Helper()
	conf, err := zookeeper.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	var all []string
	var wg sync.WaitGroup
	wg.Go(func() {
		zookeeper.NewDetector(conf, slog.New(slog.DiscardHandler)).Watch(ctx, func(i *v1.MasterInfo) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, i.GetId())
		})
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), all...)
	}
}

func last(all []string) string {
	if len(all) == 0 {
		return "nothing told"
	}
	return all[len(all)-1]
}

func TestNode(t *testing.T) {
	t.Parallel()
	s := Start(t, 2*time.Second)
	url := "zk://" + s.Addr + "/deep/er/mesos"
	nodes, told := Look(t, url), watch(t, url)
	eventually(t, "the detector to find nobody", func() bool { return len(told()) == 1 && told()[0] == "" })
	_, stop := announce(t, url, "c", "one")
	eventually(t, "a node", func() bool { return len(nodes.Names()) == 1 })
	want := `{"id":"one","ip":16777343,"port":5050,"pid":"master@127.0.0.1:5050","hostname":"h","version":"1.11.0","address":{"hostname":"h","ip":"127.0.0.1","port":5050}}`
	if got := nodes.Leader(); got != want {
		t.Errorf("value of the node:\ngot  %s\nwant %s", got, want)
	}
	eventually(t, "the detector to find the leader", func() bool { return last(told()) == "one" })

	// It must not go when another client ends, nor come back when its announcer has.
	stop()
	if got := nodes.Names(); len(got) != 0 {
		t.Errorf("nodes after the announcer's end: got %q, want none", got)
	}
	eventually(t, "the detector to find nobody again", func() bool { return last(told()) == "" })
}

// A node that somebody takes away comes back, and so does one whose session is over.
func TestComesBack(t *testing.T) {
	t.Parallel()
	s := Start(t, 200*time.Millisecond) // sessions last for four seconds at most
	nodes, told := Look(t, s.URL()), watch(t, s.URL())
	announce(t, s.URL(), "c", "one")
	eventually(t, "a node", func() bool { return len(nodes.Names()) == 1 })
	first := nodes.Names()[0]
	if err := nodes.Remove(first); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another node", func() bool { got := nodes.Names(); return len(got) == 1 && got[0] != first })

	s.Kill()
	s.Restart()
	eventually(t, "the node after a restart", func() bool { return len(nodes.Names()) == 1 && last(told()) == "one" })

	s.Signal(syscall.SIGSTOP)
	time.Sleep(5 * time.Second) // long enough for the server to end every session; nothing depends on it
	s.Signal(syscall.SIGCONT)
	eventually(t, "the node after a silence", func() bool { return len(nodes.Names()) == 1 && last(told()) == "one" })
}

// Masters of Apache Mesos, or of another cluster, are left alone.
func TestGivesWay(t *testing.T) {
	t.Parallel()
	s := Start(t, 2*time.Second)
	nodes, told := Look(t, s.URL()), watch(t, s.URL())
	strange := nodes.Add(`{"id":"mesos","ip":16777343,"port":1,"pid":"master@127.0.0.1:1","hostname":"h"}`)
	log, _ := announce(t, s.URL(), "c", "ours")
	eventually(t, "the announcer to say why it waits", func() bool { return log.has("another cluster") && log.has(strange) })
	if got := nodes.Names(); len(got) != 1 || got[0] != strange {
		t.Errorf("nodes beside a stranger's: got %q, want %q alone", got, strange)
	}
	eventually(t, "the detector to find it", func() bool { return last(told()) == "mesos" })
	if err := nodes.Remove(strange); err != nil {
		t.Fatal(err)
	}
	eventually(t, "our node", func() bool { return strings.Contains(nodes.Leader(), `"ours"`) && last(told()) == "ours" })
	// One that comes later stands behind it, as a standby of Mesos does.
	nodes.Add(`{"id":"late"}`)
	if got := nodes.Leader(); !strings.Contains(got, `"ours"`) {
		t.Errorf("the lowest node: got %s, want ours", got)
	}
	other, _ := announce(t, s.URL(), "another cluster of ours", "other")
	eventually(t, "the other cluster's announcer to wait", func() bool { return other.has("another cluster") })
}

// Whoever leads the same cluster next takes the place, at once and without asking.
func TestTakesOver(t *testing.T) {
	t.Parallel()
	s := Start(t, 2*time.Second)
	nodes := Look(t, s.URL())
	_, stopFirst := announce(t, s.URL(), "c", "first")
	eventually(t, "the first node", func() bool { return strings.Contains(nodes.Leader(), `"first"`) })
	told := watch(t, s.URL())
	eventually(t, "the detector to find the first", func() bool { return last(told()) == "first" })
	log, _ := announce(t, s.URL(), "c", "second")
	// The first is still there, as a deposed leader is that has not noticed; then it ends.
	eventually(t, "the second to take the place", func() bool { return log.has("removed from ZooKeeper") })
	stopFirst()
	eventually(t, "the second alone", func() bool { return len(nodes.Names()) == 1 && strings.Contains(nodes.Leader(), `"second"`) })
	eventually(t, "the detector to find the second", func() bool { return last(told()) == "second" })
}

// With a user, others may read the nodes but not touch them.
func TestUser(t *testing.T) {
	t.Parallel()
	s := Start(t, 2*time.Second)
	url := "zk://mesos:secret@" + s.Addr + "/mesos"
	nodes, told := Look(t, s.URL()), watch(t, s.URL())
	announce(t, url, "c", "one")
	eventually(t, "a node", func() bool { return len(nodes.Names()) == 1 && last(told()) == "one" })
	if err := nodes.Remove(nodes.Names()[0]); !errors.Is(err, zk.ErrNoAuth) {
		t.Errorf("a node removed by anybody: got %v, want %v", err, zk.ErrNoAuth)
	}
	log, _ := announce(t, "zk://mesos:wrong@"+s.Addr+"/mesos", "c", "two")
	eventually(t, "the wrong password to be told", func() bool { return log.has("may not use /mesos") })
	if log.has("wrong") {
		t.Error("the log tells a password")
	}
	// The right one takes over from a session of its own cluster that it does not know.
	announce(t, url, "c", "three")
	eventually(t, "the next leader's node", func() bool {
		return strings.Contains(nodes.Leader(), `"three"`) || strings.Contains(nodes.Leader(), `"one"`)
	})
}

// Of several servers one does not answer, one says nothing, and one has no address.
func TestServersDown(t *testing.T) {
	t.Parallel()
	s := Start(t, 2*time.Second)
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	mute, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	nodes := Look(t, s.URL())
	url := fmt.Sprintf("zk://%s:1,no-such-host.invalid,%s,%s/mesos", host, mute.Addr(), s.Addr)
	told := watch(t, url)
	announce(t, url, "c", "one")
	eventually(t, "a node", func() bool { return len(nodes.Names()) == 1 && last(told()) == "one" })

	log, _ := announce(t, "zk://"+host+":1,"+host+":2/mesos", "c", "two")
	eventually(t, "the servers to be named", func() bool { return log.has("none of the ZooKeeper servers " + host + ":1," + host + ":2 answers") })
}

// Whoever stops leaves nothing behind, soon, even while the server is silent.
func TestLeavesNothing(t *testing.T) {
	s := Start(t, 2*time.Second)
	before := goleak.IgnoreCurrent()
	for _, silent := range []bool{false, true} {
		t.Run(fmt.Sprintf("silent=%v", silent), func(t *testing.T) {
			log, stop := announce(t, s.URL(), "c", "one")
			eventually(t, "the announcement", func() bool { return log.has("this master is announced") })
			told := watch(t, s.URL())
			eventually(t, "the detector to find it", func() bool { return last(told()) == "one" })
			if silent {
				s.Signal(syscall.SIGSTOP)
			}
			stopped := make(chan struct{})
			go func() { stop(); close(stopped) }()
			select {
			case <-stopped:
			case <-time.After(patience):
				t.Fatal("the announcer does not end")
			}
		})
	}
	goleak.VerifyNone(t, before)
}
