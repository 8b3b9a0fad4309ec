package daemon

import (
	"fmt"

	"mesos/cmd/flags"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// containerInfoFrom reads what executors run in that bring no ContainerInfo of their own, nil: nothing special.
func containerInfoFrom(f *flags.Set) (*v1.ContainerInfo, error) {
	const flag = "default_container_info"
	text := f.String(flag)
	if text == "" {
		return nil, nil
	}
	info := &v1.ContainerInfo{}
	if err := mesosjson.Unmarshal([]byte(text), info); err != nil {
		return nil, fmt.Errorf(`flag --%s: want a ContainerInfo as JSON, as in {"type":"MESOS","volumes":[{"host_path":"tmp","container_path":"/tmp","mode":"RW"}]}: %w`, flag, err)
	}
	if info.GetType() != v1.ContainerInfo_MESOS {
		return nil, fmt.Errorf("flag --%s: type is %s: want MESOS, since a Docker engine makes only containers that ask for it", flag, info.GetType())
	}
	return info, nil
}
