package allocator

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/memnet"
	"mesos/messages/linkpb"
)

// rankerEnv, in the environment, makes the test binary a policy in a program of
// its own.
const rankerEnv = "ALLOCATOR_TEST_RANKER"

// lastFirst ranks by framework id, backwards: the example of a policy.
func lastFirst(s *Standing) []ClientID {
	var ids []ClientID
	for id := range s.Clients {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b ClientID) int { return compareClients(s.Clients[b].Client, s.Clients[a].Client) })
	return ids
}

// rankerProgram serves until its standard input ends.
func rankerProgram() {
	net, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{Link: link.Options{Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sys := actors.NewSystem(net)
	if _, err := sys.SpawnReady("ranker", NewRanker(lastFirst)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(sys.Addr())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	sys.Shutdown()
}

// audience runs an allocator with an external policy, and says to whom it offers.
type audience struct {
	t   *testing.T
	a   *Actor
	mu  sync.Mutex
	got []Offer
	n   int
}

func askExternal(t *testing.T, sys *actors.System, at string) *audience {
	p, err := NewPolicy(at, PolicyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	x := &audience{t: t}
	x.a = NewActor(NewCore(Options{}, p), func(o []Offer) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.got = append(x.got, o...)
	})
	for _, id := range []string{"f1", "f2", "f3"} {
		x.a.AddFramework(Framework{ID: id, Roles: []string{"a"}}, true, nil)
	}
	if _, err := sys.Spawn("allocator", x.a); err != nil {
		t.Fatal(err)
	}
	return x
}

// next adds an agent, takes the offer of it back, and says to whom it went.
// settled waits for it.
func (x *audience) next(settled func(ready func() bool)) string {
	x.t.Helper()
	x.n++
	id := fmt.Sprint("S", x.n)
	x.a.AddAgent(Agent{ID: id, Total: res("cpus:1")}, nil)
	var o Offer
	settled(func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		if len(x.got) > 0 {
			o = x.got[0]
		}
		return len(x.got) > 0
	})
	x.mu.Lock()
	defer x.mu.Unlock()
	x.got = nil
	x.a.RemoveAgent(id)
	return o.FrameworkID
}

// ranked says whether a ranking is being followed.
func (x *audience) ranked() bool {
	answer := make(chan bool, 1)
	x.a.run(func() { answer <- x.a.link.x.trusted })
	return <-answer
}

// TestExternalPolicy runs the policy beside the allocator, cuts it off and lets
// it come back, on a virtual clock.
func TestExternalPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := memnet.NewNet()
		here, there := actors.NewSystem(net.Node("10.0.0.1:5050")), actors.NewSystem(net.Node("10.0.0.2:5060"))
		x := askExternal(t, here, "ranker@10.0.0.2:5060")
		settle := func(ready func() bool) {
			synctest.Wait()
			if !ready() {
				t.Fatal("nothing is offered")
			}
		}
		if got := x.next(settle); got != "f1" {
			t.Errorf("without the program got %s first, want f1", got)
		}
		if _, err := there.Spawn("ranker", NewRanker(lastFirst)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2*policyRetry + policyPatience)
		for range 2 {
			if got := x.next(settle); got != "f3" {
				t.Errorf("with the program got %s first, want f3", got)
			}
			time.Sleep(time.Millisecond)
		}
		heal := net.Partition([]string{"10.0.0.1:5050"}, []string{"10.0.0.2:5060"})
		x.next(settle) // something to tell
		time.Sleep(policyPatience + time.Millisecond)
		if got := x.next(settle); got == "f3" || x.ranked() {
			t.Errorf("cut off got %s, want another than f3, as shares say", got)
		}
		heal()
		time.Sleep(time.Minute)
		if got := x.next(settle); got != "f3" {
			t.Errorf("healed got %s first, want f3", got)
		}
		here.Shutdown()
		there.Shutdown()
		time.Sleep(2 * time.Second)
	})
}

// TestExternalProgram does the same with a real program that is stopped,
// continued and killed.
func TestExternalProgram(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), rankerEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = in.Close() // the program may be dead
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	net, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{Link: link.Options{Log: slog.New(slog.DiscardHandler)}})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net)
	defer sys.Shutdown()
	x := askExternal(t, sys, "ranker@"+strings.TrimSpace(addr))

	until := func(what string) func(ready func() bool) {
		return func(ready func() bool) {
			t.Helper()
			for deadline := time.Now().Add(time.Minute); !ready(); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("%s: not in a minute", what)
				}
			}
		}
	}
	until("the program ranks")(func() bool { return x.ranked() && x.next(until("an offer")) == "f3" })
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	until("a stopped program is done without")(func() bool { return x.next(until("an offer")) != "f3" && !x.ranked() })
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	until("the program ranks again")(func() bool { return x.ranked() && x.next(until("an offer")) == "f3" })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	until("a killed program is done without")(func() bool { return x.next(until("an offer")) != "f3" && !x.ranked() })
}

// TestExternalRanking: a ranking that is older than a client, or names what is not
// there, does no harm, and everybody who is active is asked exactly once.
func TestExternalRanking(t *testing.T) {
	x, err := newExternal("ranker@10.0.0.2:5060", PolicyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	all := Set{}
	add := func(id ClientID, name string) {
		x.AddClient(id, Client{name, "a"})
		x.SetActive(id, true)
		all.add(id)
	}
	order := func() (s string) {
		for id := range x.Order("S0", &all) {
			s += x.clients[id].Framework
		}
		return s
	}
	add(0, "a")
	add(1, "b")
	if m := x.next(); m != nil {
		t.Errorf("got %v before the beginning, want nothing", m)
	}
	first := x.restart()
	if !first.GetFull() || len(first.GetClients()) != 2 {
		t.Errorf("got %v, want all of 2 clients", first)
	}
	x.RemoveClient(0)
	add(0, "c") // which has the number of another now
	add(2, "d")
	if m := x.next(); m != nil {
		t.Errorf("got %v before the first is answered, want nothing", m)
	}
	if x.follow(&linkpb.PolicyRankingMessage{Sequence: new(first.GetSequence() + 7)}) {
		t.Error("a ranking of another sequence is followed")
	}
	if !x.follow(&linkpb.PolicyRankingMessage{Sequence: first.Sequence, Clients: []int32{0, 77, -1, 1, 1}}) {
		t.Error("the ranking is not followed")
	}
	if got := order(); got != "bcd" {
		t.Errorf("got the order %s, want b, who is ranked, before c and d", got)
	}
	second := x.next()
	if second.GetFull() || len(second.GetClients()) != 2 || !slices.Equal(second.GetRemoved(), []int32{0}) {
		t.Errorf("got %v, want c and d added and a removed", second)
	}
	x.follow(&linkpb.PolicyRankingMessage{Sequence: second.Sequence, Clients: []int32{2, 0, 1}})
	if got := order(); got != "dcb" {
		t.Errorf("got the order %s, want dcb", got)
	}
	x.SetActive(0, false)
	if got := order(); got != "db" {
		t.Errorf("with c inactive got the order %s, want db", got)
	}
	x.distrust()
	if got := order(); got != "bd" {
		t.Errorf("without trust got the order %s, want bd", got)
	}
}
