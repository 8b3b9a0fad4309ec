package actors_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/memnet"
	v1 "mesos/messages/mesos/v1"
)

// BenchmarkLocal is the rate of messages between two actors of one System, through a protobuf handler, by encoded size.
func BenchmarkLocal(b *testing.B) {
	for _, shape := range []string{"flat", "parts"} {
		for _, size := range []int{34, 64, 200, 304} {
			b.Run(fmt.Sprintf("%s/%dB", shape, size), func(b *testing.B) { benchLocal(b, ofSize(shape, size), size) })
		}
	}
}

func benchLocal(b *testing.B, m *v1.Labels, size int) {
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

// ofSize makes a message of size bytes encoded. Its shape is "flat", one label with a long value, or "parts", as most
// real messages are: labels of about 30 bytes, all of which must be allocated by who clones or decodes it.
func ofSize(shape string, size int) *v1.Labels {
	label := func(value string) *v1.Label { return &v1.Label{Key: proto.String("rack_of_the_agent"), Value: &value} }
	m := &v1.Labels{}
	if shape == "flat" {
		m.Labels = []*v1.Label{label(strings.Repeat("x", size))}
	}
	for proto.Size(m) < size {
		m.Labels = append(m.Labels, label("r7-17"))
	}
	for i := 0; proto.Size(m) > size; {
		l := m.Labels[i]
		switch {
		case len(*l.Value) > 5:
			*l.Value = (*l.Value)[1:]
		case *l.Key != "":
			*l.Key = (*l.Key)[1:]
		default:
			i++
		}
	}
	return m
}
