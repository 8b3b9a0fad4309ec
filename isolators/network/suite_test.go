package network

import (
	"context"
	"testing"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

func TestSuite(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	for _, network := range []string{"", "mesos0", "one"} {
		t.Run("network "+network, func(t *testing.T) {
			if network == "one" {
				needPlugins(t, "bridge", "host-local")
				describe(t, o, "one.conf", bridged(t, "one", "cni0", "10.78.0.0/24"))
			}
			isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator {
				i, err := New(o, Names()...)
				if err != nil {
					t.Fatal(err)
				}
				return asks{i, network}
			}})
		})
	}
}

// asks has each container that is in no other ask for a network.
type asks struct {
	*Isolator
	network string
}

func (a asks) Prepare(ctx context.Context, c isolators.Container, l *boot.Launch) error {
	if _, nested := isolators.Parent(c.ID); !nested && a.network != "" {
		c.Info = &v1.ContainerInfo{NetworkInfos: []*v1.NetworkInfo{named(a.network)}}
	}
	return a.Isolator.Prepare(ctx, c, l)
}
