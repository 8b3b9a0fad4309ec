package bench

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	v1 "mesos/messages/mesos/v1"
)

// remoteSystem is protoactor-go with its remote package on a free port, its log off.
func remoteSystem() (*actor.ActorSystem, *remote.Remote) {
	quiet := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
	s := actor.NewActorSystem(actor.WithLoggerFactory(quiet))
	r := remote.NewRemote(s, remote.Configure("127.0.0.1", 0))
	r.Start()
	return s, r
}

// The receiving program over remote does what linkChild does.
func remoteChild() (addr string, err error) {
	s, _ := remoteSystem()
	var count int64
	props := actor.PropsFromFunc(func(c actor.Context) {
		switch c.Message().(type) {
		case *v1.Labels:
			if count++; count%window == 0 {
				c.Respond(wrapperspb.Int64(count))
			}
		case *wrapperspb.BoolValue:
			c.Respond(wrapperspb.Int64(count))
		}
	})
	_, err = s.Root.SpawnNamed(props, receiverID)
	return s.Address(), err
}

// overRemote sends m n times to a remoteChild.
func overRemote(tb testing.TB, n int, m proto.Message) time.Duration {
	tb.Helper()
	peer := startChild(tb, "remote")
	s, r := remoteSystem()
	defer r.Shutdown(false)
	answers := make(chan int64, 100)
	self, err := s.Root.SpawnNamed(actor.PropsFromFunc(func(c actor.Context) {
		if m, ok := c.Message().(*wrapperspb.Int64Value); ok {
			answers <- m.Value
		}
	}), "sender")
	if err != nil {
		tb.Fatal(err)
	}
	to := actor.NewPID(peer, receiverID)
	return run(tb, n, answers,
		func() { s.Root.RequestWithCustomSender(to, m, self) },
		func() { s.Root.RequestWithCustomSender(to, wrapperspb.Bool(true), self) })
}
