package bench

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	v1 "mesos/messages/mesos/v1"
)

// The receiving program over package link: an actor that counts what it gets and answers every window-th message.
func linkChild() (addr string, err error) {
	n, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{})
	if err != nil {
		return "", err
	}
	s := actors.NewSystem(n)
	_, err = s.Spawn(receiverID, actors.ActorFunc(func(p *actors.Process) {
		var count int64
		actors.Install(p, func(from actors.UPID, _ *v1.Labels) {
			if count++; count%window == 0 {
				p.Send(from, wrapperspb.Int64(count))
			}
		})
		actors.Install(p, func(from actors.UPID, _ *wrapperspb.BoolValue) {
			p.Send(from, wrapperspb.Int64(count))
		})
	}))
	return s.Addr(), err
}

// overLink sends m n times to a linkChild.
func overLink(tb testing.TB, n int, m proto.Message) time.Duration {
	tb.Helper()
	peer := startChild(tb, "link")
	network, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	s := actors.NewSystem(network)
	defer s.Shutdown()
	answers := make(chan int64, 100)
	p, err := s.Spawn("sender", actors.ActorFunc(func(p *actors.Process) {
		actors.Install(p, func(_ actors.UPID, m *wrapperspb.Int64Value) { answers <- m.Value })
	}))
	if err != nil {
		tb.Fatal(err)
	}
	to := actors.UPID{ID: receiverID, Addr: peer}
	return run(tb, n, answers, func() { p.Send(to, m) }, func() { p.Send(to, wrapperspb.Bool(true)) })
}
