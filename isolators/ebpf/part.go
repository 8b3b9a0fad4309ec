package ebpf

import (
	"github.com/cilium/ebpf"
)

// Names of the isolators of this package. All stands for those that count.
const (
	Network = "ebpf/network"
	IO      = "ebpf/io"
	Process = "ebpf/process"
	All     = "ebpf/all"

	// Ports refuses to bind what is not a container's own. It is named after
	// the isolator of Mesos that looks for such ports and ends the container.
	Ports = "network/ports"
)

// Names are all of them, sorted.
func Names() []string { return []string{All, IO, Network, Process, Ports} }

// kit is one object of programs and maps.
type kit struct {
	name   string // of its directory of pins
	object []byte
	spec   func() (*ebpf.CollectionSpec, error)
	tasks  []task
}

// task is one thing that programs do. The first of several ways that the kernel takes is used; every program of it is attached.
type task struct {
	what string
	ways [][]string
}

func one(what string, programs ...string) task { return task{what, [][]string{programs}} }

var counting = one("packets", "ingress", "egress")

var (
	networkKit = kit{"network", _NetworkBytes, loadNetwork, []task{
		counting,
		one("retransmits", "retransmit"),
		one("connections", "state"),
		{"drops", [][]string{{"dropped_for"}, {"dropped", "udp_full", "queue_full"}}},
	}}
	// portsKit is the same object with other programs of it.
	portsKit = kit{"ports", _NetworkBytes, loadNetwork, []task{one("binding of ports", "bind4", "bind6")}}
	ioKit    = kit{"io", _IoBytes, loadIo, []task{one("operations of disks", "queued", "completed", "request_completed")}}

	processKit = kit{"process", _ProcessBytes, loadProcess, []task{
		{"ends of processes", [][]string{{"exited_last"}, {"exited"}}},
		{"kills for want of memory", [][]string{{"victim"}, {"asker"}}},
		one("waits for a processor", "wakeup", "wakeup_new", "switched"),
	}}
)
