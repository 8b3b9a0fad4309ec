package actors_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/memnet"
	v1 "mesos/messages/mesos/v1"
)

// BenchmarkLocal is the rate of messages between two actors of one System, through a protobuf handler, by encoded size.
func BenchmarkLocal(b *testing.B) {
	for _, size := range []int{34, 64, 200, 304} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			m := ofSize(size)
			if got := proto.Size(m); got != size {
				b.Fatalf("got a message of %d bytes, want %d", got, size)
			}
			s := actors.NewSystem(memnet.NewNet().Node("a:1"))
			defer s.Shutdown()
			done := make(chan struct{})
			left := b.N
			p, err := s.Spawn("p", actors.ActorFunc(func(p *actors.Process) {
				actors.Install(p, func(actors.UPID, *v1.Labels) {
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

// ofSize makes a message of size bytes encoded that is shaped as real ones are: parts of about 30 bytes, two strings
// each. A message that is one long string would flatter the local rate, since a clone shares it.
func ofSize(size int) *v1.Labels {
	m := &v1.Labels{}
	for proto.Size(m) < size {
		m.Labels = append(m.Labels, &v1.Label{Key: proto.String("rack_of_the_agent"), Value: proto.String("r7-17")})
	}
	for i := 0; proto.Size(m) > size; {
		key := m.Labels[i].Key
		if *key == "" {
			i++
			continue
		}
		*key = (*key)[1:]
	}
	return m
}
