package registry

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
)

const scheduleKey = "schedule"

// MachineKey is the key of a machine: host names are compared in lower case.
func MachineKey(id *v1.MachineID) string {
	return strings.ToLower(id.GetHostname()) + " " + id.GetIp()
}

// UpdateSchedule replaces the maintenance schedule. Machines that it names drain
// from then on; those that it does not name any more are up, and must not be down.
func UpdateSchedule(schedule *maintenancev1.Schedule) Operation {
	return func(s *State) ([]Change, error) {
		named := map[string]*v1.MachineInfo{}
		var changes []Change
		for _, w := range schedule.GetWindows() {
			for _, id := range w.GetMachineIds() {
				mode := v1.MachineInfo_DRAINING
				if old := s.Machine(id); old != nil {
					mode = old.GetMode()
				}
				info := &v1.MachineInfo{Id: machineID(id), Mode: mode.Enum(), Unavailability: proto.CloneOf(w.GetUnavailability())}
				named[MachineKey(id)] = info
			}
		}
		for _, key := range s.Keys(Machines) {
			if named[key] != nil {
				continue
			}
			if old := get[*internalpb.Registry_Machine](s, Machines, key); old.GetInfo().GetMode() == v1.MachineInfo_DOWN {
				return nil, &OperationError{"update the schedule without machine", key, ErrConflict, "it is down: bring it up first"}
			}
			changes = append(changes, drop(Machines, key))
		}
		for _, key := range slices.Sorted(maps.Keys(named)) {
			changes = append(changes, put(Machines, key, &internalpb.Registry_Machine{Info: named[key]}))
		}
		if len(named) == 0 {
			return append(changes, drop(Schedule, scheduleKey)), nil
		}
		return append(changes, put(Schedule, scheduleKey, proto.CloneOf(schedule))), nil
	}
}

func machineID(id *v1.MachineID) *v1.MachineID {
	m := proto.CloneOf(id)
	if m.Hostname != nil {
		m.Hostname = proto.String(strings.ToLower(id.GetHostname()))
	}
	return m
}

// MachinesDown takes machines down that the schedule names, all or none.
func MachinesDown(machines ...*v1.MachineID) Operation {
	return func(s *State) ([]Change, error) {
		var changes []Change
		for _, id := range machines {
			old := s.Machine(id)
			switch {
			case old == nil:
				return nil, &OperationError{"take down machine", MachineKey(id), ErrConflict, "it is in no maintenance window: schedule it first"}
			case old.GetMode() == v1.MachineInfo_DOWN:
				return nil, &OperationError{"take down machine", MachineKey(id), ErrConflict, "it is down"}
			}
			info := proto.CloneOf(old)
			info.Mode = v1.MachineInfo_DOWN.Enum()
			changes = append(changes, put(Machines, MachineKey(id), &internalpb.Registry_Machine{Info: info}))
		}
		return changes, nil
	}
}

// MachinesUp ends the maintenance of machines that are down, all or none: they
// leave the schedule, and so do windows that have none left.
func MachinesUp(machines ...*v1.MachineID) Operation {
	return func(s *State) ([]Change, error) {
		var changes []Change
		up := map[string]bool{}
		for _, id := range machines {
			if s.Machine(id).GetMode() != v1.MachineInfo_DOWN {
				return nil, &OperationError{"bring up machine", MachineKey(id), ErrConflict, "it is not down"}
			}
			up[MachineKey(id)] = true
			changes = append(changes, drop(Machines, MachineKey(id)))
		}
		left := &maintenancev1.Schedule{}
		for _, w := range s.Schedule().GetWindows() {
			window := &maintenancev1.Window{Unavailability: w.Unavailability}
			for _, id := range w.GetMachineIds() {
				if !up[MachineKey(id)] {
					window.MachineIds = append(window.MachineIds, id)
				}
			}
			if len(window.MachineIds) > 0 {
				left.Windows = append(left.Windows, window)
			}
		}
		if len(left.Windows) == 0 {
			return append(changes, drop(Schedule, scheduleKey)), nil
		}
		return append(changes, put(Schedule, scheduleKey, left)), nil
	}
}
