package link_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/nettest"
)

// childRole, in the environment, makes the test binary a program of its own that talks to the test over real sockets.
const (
	childRole   = "LINK_TEST_CHILD"
	childParent = "LINK_TEST_PARENT"
)

// child is that program: it greets the parent's actor, prints its UPID, echoes, and ends when the parent is gone.
func child(role string) {
	err := func() error {
		t, err := link.DialOnly("", link.Options{Log: quiet()})
		if role == "listen" {
			t, err = link.Listen("127.0.0.1:0", link.Options{Log: quiet()})
		}
		if err != nil {
			return err
		}
		parent, err := link.ParseUPID(os.Getenv(childParent))
		if err != nil {
			return err
		}
		loop := link.NewLoop("child", t)
		loop.OnExited(func(string) { loop.Stop() })
		loop.OnMessage(func(from link.UPID, m proto.Message) { loop.Send(from, m) })
		loop.Link(parent)
		loop.Send(parent, wrapperspb.String("hello"))
		fmt.Println(loop.Self())
		if err := loop.Run(context.Background()); err != nil {
			return err
		}
		return t.Close()
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// startChild starts the test binary again in a role, and returns it with the UPID of its actor.
func startChild(t *testing.T, role string, parent link.UPID) (*os.Process, link.UPID) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRole+"="+role, childParent+"="+parent.String())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("read the child's UPID: %v", err)
	}
	upid, err := link.ParseUPID(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return cmd.Process, upid
}

// A program that dies or falls silent is found out, whoever dialed; its next start is a new session.
func TestProcesses(t *testing.T) {
	for _, role := range []string{"listen", "dial"} {
		for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
			t.Run(role+"/"+signal.String(), func(t *testing.T) {
				t.Parallel()
				const timeout = time.Second
				n := listen(t, "127.0.0.1:0", link.Options{PingInterval: timeout / 5, PingTimeout: timeout})
				r := nettest.NewRecorder()
				n.Start(r)
				self := link.UPID{ID: "parent", Addr: n.Addr()}
				process, peer := startChild(t, role, self)
				wantText(t, r, peer, "hello")
				n.Send(self, peer, wrapperspb.String("echo"))
				wantText(t, r, peer, "echo")
				if err := process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				if e := r.Next(t); e.Exited != peer.Addr {
					t.Fatalf("got %+v, want exited %s", e, peer.Addr)
				}
				t.Logf("%s noticed after %v (ping timeout %v)", signal, time.Since(began).Round(time.Millisecond), timeout)
				if signal == syscall.SIGSTOP {
					wantResumed(t, n, r, process, peer)
				}
			})
		}
	}
}

// wantResumed lets a stopped child go on: it finds its session over and, being linked, ends in good order.
func wantResumed(t *testing.T, n *link.Transport, r *nettest.Recorder, process *os.Process, peer link.UPID) {
	t.Helper()
	if err := process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	state, err := process.Wait()
	if err != nil || !state.Success() {
		t.Fatalf("child after SIGCONT: got %v %v, want success", state, err)
	}
	n.Send(link.UPID{}, link.UPID{ID: "x", Addr: n.Addr()}, wrapperspb.String("still here"))
	for e := r.Next(t); e.Message == nil; e = r.Next(t) {
		t.Fatalf("got a second %+v, want one exited %s", e, peer.Addr)
	}
}

func wantText(t *testing.T, r *nettest.Recorder, from link.UPID, want string) {
	t.Helper()
	e := r.Next(t)
	if m, ok := e.Message.(*wrapperspb.StringValue); !ok || m.Value != want || e.From != from {
		t.Fatalf("got %+v, want %q from %v", e, want, from)
	}
}
