package memnet_test

import (
	"testing"

	"go.uber.org/goleak"

	"mesos/actors"
	"mesos/actors/memnet"
	"mesos/actors/nettest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNetwork(t *testing.T) {
	nettest.Run(t, harness())
}

// harness gives each test a Net of its own.
func harness() nettest.Harness {
	nets := map[*testing.T]*memnet.Net{}
	names := map[*testing.T]int{}
	of := func(t *testing.T) *memnet.Net {
		if nets[t] == nil {
			nets[t] = memnet.NewNet()
			nets[t].MaxQueue, nets[t].MaxFrame = nettest.MaxQueue, nettest.MaxFrame
		}
		return nets[t]
	}
	return nettest.Harness{
		New: func(t *testing.T, addr string) actors.Network {
			if addr == "" {
				names[t]++
				addr = "node" + string(rune('0'+names[t])) + ":1"
			}
			return of(t).Node(addr)
		},
		Kill: func(t *testing.T, n actors.Network) { of(t).Crash(n.Addr()) },
	}
}
