package ebpf

import (
	"fmt"
	"slices"
	"time"

	"github.com/cilium/ebpf"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// network is the isolator ebpf/network.
type network struct {
	*opened
	rates [2]uint64 // bytes per second, as directions
}

// directions and protocols as the programs number them.
var (
	directions = [2]string{"receive", "transmit"}
	protocols  = [4]string{"tcp", "udp", "icmp", "other"}
)

func (*network) name() string { return networkKit.name }

func (n *network) open(dir string, at place, o Options) (err error) {
	n.rates = [2]uint64{o.Ingress, o.Egress}
	n.opened, err = networkKit.open(dir, at)
	return err
}

func (n *network) close() {
	if n.opened != nil {
		n.opened.close()
	}
}

// burst is how long a container that was silent may send at any rate.
const burst = 100 * time.Millisecond

func (n *network) begin(c *container) error {
	if err := unlessThere(n.maps["traffic_of"].Update(c.id, zeroes[networkTraffic](), ebpf.UpdateNoExist)); err != nil {
		return fmt.Errorf("figures of cgroup %d: %w", c.id, err)
	}
	if c.nested {
		if err := n.maps["nested"].Update(uint32(0), uint32(1), ebpf.UpdateAny); err != nil {
			return fmt.Errorf("mark of nested containers: %w", err)
		}
	}
	if c.nested || n.rates == [2]uint64{} {
		return unlessGone(n.maps["buckets"].Delete(c.id))
	}
	b := networkBucket{Rate: n.rates, Burst: [2]uint64{uint64(burst), uint64(burst)}}
	if err := n.maps["buckets"].Update(c.id, b, ebpf.UpdateAny); err != nil {
		return fmt.Errorf("rates of cgroup %d: %w", c.id, err)
	}
	return nil
}

func (n *network) end(c *container) error {
	if err := unlessGone(n.maps["traffic_of"].Delete(c.id)); err != nil {
		return err
	}
	return unlessGone(n.maps["buckets"].Delete(c.id))
}

func (n *network) keep(known []*container) error {
	for _, name := range []string{"traffic_of", "buckets"} {
		if err := keepOnly(n.maps[name], func(id uint64) bool { return isOf(known, id) }); err != nil {
			return err
		}
	}
	return nil
}

func isOf(known []*container, id uint64) bool {
	return slices.ContainsFunc(known, func(c *container) bool { return c.id == id })
}

// traffic sums up the figures of all processors.
func (n *network) traffic(c *container) (sum networkTraffic, err error) {
	var each []networkTraffic
	if err := n.maps["traffic_of"].Lookup(c.id, &each); err != nil {
		return sum, fmt.Errorf("figures of cgroup %d: %w", c.id, err)
	}
	for _, t := range each {
		for d := range t.Flows {
			for p := range t.Flows[d] {
				sum.Flows[d][p].Bytes += t.Flows[d][p].Bytes
				sum.Flows[d][p].Packets += t.Flows[d][p].Packets
				sum.Flows[d][p].Drops += t.Flows[d][p].Drops
			}
			sum.Policed[d] += t.Policed[d]
		}
		sum.Retransmits += t.Retransmits
		sum.Open += t.Open
	}
	return sum, nil
}

func (n *network) usage(c *container, to *v1.ResourceStatistics) error {
	t, err := n.traffic(c)
	if err != nil {
		return err
	}
	var bytes, packets, drops [2]uint64
	for d := range t.Flows {
		for _, f := range t.Flows[d] {
			bytes[d], packets[d], drops[d] = bytes[d]+f.Bytes, packets[d]+f.Packets, drops[d]+f.Drops
		}
	}
	to.NetRxBytes, to.NetRxPackets, to.NetRxDropped = proto.Uint64(bytes[0]), proto.Uint64(packets[0]), proto.Uint64(drops[0])
	to.NetTxBytes, to.NetTxPackets, to.NetTxDropped = proto.Uint64(bytes[1]), proto.Uint64(packets[1]), proto.Uint64(drops[1])
	to.NetTcpActiveConnections = proto.Float64(float64(max(t.Open, 0)))
	if n.rates[0] != 0 {
		to.NetRxRateLimit = proto.Uint64(n.rates[0])
	}
	if n.rates[1] != 0 {
		to.NetTxRateLimit = proto.Uint64(n.rates[1])
	}
	return nil
}

func (n *network) figures(c *container) (out []isolators.Figure, err error) {
	t, err := n.traffic(c)
	if err != nil {
		return nil, err
	}
	for d, flows := range t.Flows {
		for p, f := range flows {
			labels := []isolators.Label{{Name: "direction", Value: directions[d]}, {Name: "protocol", Value: protocols[p]}}
			out = append(out,
				count("network_bytes", "bytes", "Bytes of IP packets.", f.Bytes, labels...),
				count("network_packets", "", "IP packets.", f.Packets, labels...),
				count("network_drops", "", "IP packets that were dropped.", f.Drops, labels...))
		}
		out = append(out, count("network_policed", "", "IP packets that the container's rate limit dropped.", t.Policed[d],
			isolators.Label{Name: "direction", Value: directions[d]}))
	}
	open := count("network_connections", "", "TCP connections that are established.", uint64(max(t.Open, 0)))
	open.Grows = false
	return append(out, count("network_retransmits", "", "TCP segments that were sent again.", t.Retransmits), open), nil
}
