package actors_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	"mesos/actors/memnet"
)

// BenchmarkLocal is the rate of messages between two actors of one System, through a protobuf handler, by encoded size.
func BenchmarkLocal(b *testing.B) {
	for _, size := range []int{34, 64, 200, 304} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			m := ofSize(size)
			s := actors.NewSystem(memnet.NewNet().Node("a:1"))
			defer s.Shutdown()
			done := make(chan struct{})
			left := b.N
			p, err := s.Spawn("p", actors.ActorFunc(func(p *actors.Process) {
				actors.Install(p, func(actors.UPID, *wrapperspb.StringValue) {
					if left--; left == 0 {
						close(done)
					}
				})
			}))
			if err != nil {
				b.Fatal(err)
			}
			from := actors.UPID{ID: "x", Addr: "a:1"}
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				s.Send(from, p.Self(), m)
			}
			<-done
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

// BenchmarkDispatch is the rate of functions run on an actor, without messages.
func BenchmarkDispatch(b *testing.B) {
	s := actors.NewSystem(memnet.NewNet().Node("a:1"))
	defer s.Shutdown()
	p, err := s.Spawn("p", actors.ActorFunc(func(*actors.Process) {}))
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	left := b.N
	f := func() {
		if left--; left == 0 {
			close(done)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		p.Dispatch(f)
	}
	<-done
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// ofSize makes a message that takes size bytes encoded.
func ofSize(size int) proto.Message {
	m := wrapperspb.String(strings.Repeat("x", size))
	for proto.Size(m) > size {
		m.Value = m.Value[1:]
	}
	return m
}
