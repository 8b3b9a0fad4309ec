package link_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
)

// counter lets a benchmark wait for messages, and lets only so many be under way.
type counter struct {
	left   int
	window chan struct{}
	done   chan struct{}
}

const window = 1000

func (c *counter) Deliver(link.UPID, string, proto.Message) {
	c.left--
	if c.left%window == 0 {
		<-c.window
	}
	if c.left == 0 {
		close(c.done)
	}
}

func (c *counter) Exited(string) {}

// BenchmarkSession is the rate of messages between two Transports over loopback, in one process, without actors.
func BenchmarkSession(b *testing.B) {
	for _, size := range []int{34, 200} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			from, err := link.DialOnly("", link.Options{Log: quiet()})
			if err != nil {
				b.Fatal(err)
			}
			to, err := link.Listen("127.0.0.1:0", link.Options{Log: quiet()})
			if err != nil {
				b.Fatal(err)
			}
			c := &counter{left: b.N, window: make(chan struct{}, 20), done: make(chan struct{})}
			to.Start(c)
			from.Start(c)
			m := wrapperspb.String(strings.Repeat("x", size-3))
			x, y := link.UPID{ID: "sender", Addr: from.Addr()}, link.UPID{ID: "receiver", Addr: to.Addr()}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if i%window == 0 {
					c.window <- struct{}{}
				}
				from.Send(x, y, m)
			}
			<-c.done
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			b.StopTimer()
			_ = from.Close()
			_ = to.Close()
		})
	}
}
