package agent

import (
	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer"
	v1 "mesos/messages/mesos/v1"
)

// classifier is a containerizer whose containers' packets can have classes.
type classifier interface {
	// NetClass is that of a container, 0 if it has none. It does not block.
	NetClass(id string) uint32
}

// cgroupsOf is what is known of those of an executor's container, also when that is gone.
func (a *Agent) cgroupsOf(e *executor) *v1.CgroupInfo {
	if e.cgroups == nil {
		e.cgroups = groupsOf(a.conf.Containerizer, e.containerID)
	}
	return e.cgroups
}

// groupsOf is what the status of a container says of its cgroups: nothing, unless its
// packets have a class.
func groupsOf(c containerizer.Containerizer, id string) *v1.CgroupInfo {
	n, can := c.(classifier)
	if !can {
		return nil
	}
	class := n.NetClass(id)
	if class == 0 {
		return nil
	}
	return &v1.CgroupInfo{NetCls: &v1.CgroupInfo_NetCls{Classid: proto.Uint32(class)}}
}
