package validation

import (
	"fmt"
	"net/netip"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	masterv1 "mesos/messages/mesos/v1/master"
)

// MachineKey is what is the same for all names of one machine.
type MachineKey = func(*v1.MachineID) string

// Schedule says what is wrong with a maintenance schedule: each window has machines,
// no machine is named twice, and no unavailability ends before it begins. field ends
// with a point, or is empty.
func Schedule(field string, s *maintenancev1.Schedule, key MachineKey) error {
	var all []*v1.MachineID
	for i, w := range s.GetWindows() {
		at := fmt.Sprintf("%swindows[%d]", field, i)
		if len(w.GetMachineIds()) == 0 {
			return fmt.Errorf("%s.machine_ids is empty: a window is of one machine at least", at)
		}
		if d := w.GetUnavailability().GetDuration(); d.GetNanoseconds() < 0 {
			return fmt.Errorf("%s.unavailability.duration of %v is negative", at, time.Duration(d.GetNanoseconds()))
		}
		all = append(all, w.GetMachineIds()...)
	}
	return machines(field+"windows", all, key)
}

// Machines says what is wrong with machines that are taken down or brought up.
func Machines(field string, list []*v1.MachineID, key MachineKey) error {
	if len(list) == 0 {
		return fmt.Errorf("%s is empty: name one machine at least", field)
	}
	return machines(field, list, key)
}

func machines(field string, list []*v1.MachineID, key MachineKey) error {
	seen := map[string]bool{}
	for _, id := range list {
		name := fmt.Sprintf("machine %.100q (%.100s)", id.GetHostname(), id.GetIp())
		switch _, err := netip.ParseAddr(id.GetIp()); {
		case id.GetHostname() == "" && id.GetIp() == "":
			return fmt.Errorf("%s: a machine has neither hostname nor ip: both are those that its agent registers with", field)
		case id.GetIp() != "" && err != nil:
			return fmt.Errorf("%s: %s: the ip is no IP address", field, name)
		case seen[key(id)]:
			return fmt.Errorf("%s: %s is named twice", field, name)
		}
		seen[key(id)] = true
	}
	return nil
}

// Drain is how a DRAIN_AGENT has an agent drained.
func Drain(d *masterv1.Call_DrainAgent) (*v1.DrainConfig, error) {
	config := &v1.DrainConfig{MarkGone: proto.Bool(d.GetMarkGone())}
	if g := d.GetMaxGracePeriod(); g != nil {
		if err := g.CheckValid(); err != nil || g.AsDuration() < 0 {
			return nil, fmt.Errorf("drain_agent.max_grace_period of %ds %dns is no time to wait: it must be from 0 on", g.GetSeconds(), g.GetNanos())
		}
		config.MaxGracePeriod = &v1.DurationInfo{Nanoseconds: proto.Int64(int64(g.AsDuration()))}
	}
	return config, nil
}
