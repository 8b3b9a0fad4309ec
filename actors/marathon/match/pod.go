package match

import (
	"maps"
	"strconv"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
)

// Group is the task group of a pod's instance, and its executor.
func Group(s *model.Spec, i *model.Instance, f *Fit) (*v1.ExecutorInfo, []*v1.TaskInfo) {
	d := s.Pod
	executor := &v1.ExecutorInfo{
		Type: v1.ExecutorInfo_DEFAULT.Enum(), ExecutorId: ids.Executor(i.ID), Name: proto.String(model.Label(d.ID)),
		Resources: f.Executor.Proto(), Labels: labels(d.Labels), Container: podNetwork(d, i),
	}
	var tasks []*v1.TaskInfo
	from := 0
	for n := range d.Containers {
		c := &d.Containers[n]
		ports := i.Ports[from : from+len(c.Endpoints)]
		from += len(c.Endpoints)
		t := podTask(s, c, i, n, ports)
		t.Resources = f.Tasks[n].Proto()
		tasks = append(tasks, t)
	}
	return executor, tasks
}

func podTask(s *model.Spec, c *model.PodContainer, i *model.Instance, n int, ports []int) *v1.TaskInfo {
	d := s.Pod
	all := maps.Clone(d.Labels)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, c.Labels)
	t := &v1.TaskInfo{
		Name: proto.String(c.Name), TaskId: ids.Task(i.Tasks[n].ID), AgentId: ids.Agent(i.AgentID), Labels: labels(all),
		HealthCheck: podHealth(d, c, ports), Container: podContainer(d, c), Discovery: discovery(d.ID, podPorts(d, c, ports)),
	}
	if c.Exec != nil && !c.Exec.Command.Empty() {
		t.Command = shell(c.Exec.Command)
		if o := c.Exec.OverrideEntrypoint; o != nil && !*o && c.Image != nil && !t.Command.GetShell() {
			t.Command.Value = nil // they are arguments of the image's entry point
		}
	} else {
		t.Command = &v1.CommandInfo{Shell: proto.Bool(false)}
	}
	user := c.User
	if user == "" {
		user = d.User
	}
	t.Command.User = optional(user)
	t.Command.Uris = uris(c.Artifacts)
	t.Command.Environment = environment(podEnv(s, c, i, n), podVariables(d, c), d.Secrets)
	if c.Lifecycle != nil && c.Lifecycle.KillGracePeriodSeconds != nil {
		t.KillPolicy = &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(*c.Lifecycle.KillGracePeriodSeconds * 1e9))}}
	}
	return t
}

// podVariables are the variables of the pod, and over them those of the container.
func podVariables(d *model.Pod, c *model.PodContainer) map[string]model.EnvVar {
	all := maps.Clone(d.Environment)
	if all == nil {
		all = map[string]model.EnvVar{}
	}
	maps.Copy(all, c.Environment)
	return all
}

func podEnv(s *model.Spec, c *model.PodContainer, i *model.Instance, n int) map[string]string {
	d := s.Pod
	env := map[string]string{
		"MARATHON_APP_ID": d.ID, "MARATHON_APP_VERSION": d.Version.String(), "MESOS_TASK_ID": i.Tasks[n].ID, "HOST": i.Host,
		"MARATHON_CONTAINER_ID": c.Name, "MARATHON_CONTAINER_RESOURCE_CPUS": number(c.Resources.CPUs), "MARATHON_CONTAINER_RESOURCE_MEM": number(c.Resources.Mem),
		"MARATHON_CONTAINER_RESOURCE_DISK": number(c.Resources.Disk), "MARATHON_CONTAINER_RESOURCE_GPUS": strconv.Itoa(c.Resources.GPUs),
	}
	labelEnv(env, d.Labels)
	k := 0 // every container knows the endpoints of all
	for n := range d.Containers {
		for _, e := range d.Containers[n].Endpoints {
			env["EP_HOST_"+variable(e.Name)] = strconv.Itoa(i.Ports[k])
			env["EP_CONTAINER_"+variable(e.Name)] = strconv.Itoa(podPort(d, e, i.Ports[k]))
			k++
		}
	}
	return env
}

func podPorts(d *model.Pod, c *model.PodContainer, ports []int) (out []*v1.Port) {
	for k, e := range c.Endpoints {
		n := ports[k]
		if n == 0 {
			n = podPort(d, e, 0)
		}
		for _, one := range e.Protocol {
			out = append(out, &v1.Port{Number: proto.Uint32(uint32(n)), Protocol: proto.String(one), Name: proto.String(e.Name), Labels: labels(e.Labels)})
		}
	}
	return out
}

// podNetwork is what the containers share, nil for the network of the agent and no volumes.
func podNetwork(d *model.Pod, i *model.Instance) *v1.ContainerInfo {
	out := &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum()}
	if !d.HostNetwork() {
		var ports []*v1.NetworkInfo_PortMapping
		k := 0
		for n := range d.Containers {
			for _, e := range d.Containers[n].Endpoints {
				if host := i.Ports[k]; host != 0 {
					for _, one := range e.Protocol {
						ports = append(ports, &v1.NetworkInfo_PortMapping{HostPort: proto.Uint32(uint32(host)), ContainerPort: proto.Uint32(uint32(podPort(d, e, host))), Protocol: proto.String(one)})
					}
				}
				k++
			}
		}
		out.NetworkInfos = networks(d.Networks, ports, true)
	}
	for _, v := range d.Volumes {
		if v.Host == "" && v.Secret == "" {
			path := proto.String("volumes/" + v.Name)
			out.Volumes = append(out.Volumes, &v1.Volume{ContainerPath: path, Mode: mode(false), Source: sandboxPath(v1.Volume_Source_SandboxPath_SELF, *path)})
		}
	}
	if len(out.NetworkInfos)+len(out.Volumes) == 0 {
		return nil
	}
	return out
}

func sandboxPath(of v1.Volume_Source_SandboxPath_Type, path string) *v1.Volume_Source {
	return &v1.Volume_Source{Type: v1.Volume_Source_SANDBOX_PATH.Enum(), SandboxPath: &v1.Volume_Source_SandboxPath{Type: of.Enum(), Path: proto.String(path)}}
}

func podContainer(d *model.Pod, c *model.PodContainer) *v1.ContainerInfo {
	out := &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum()}
	if c.Image != nil {
		out.Mesos = &v1.ContainerInfo_MesosInfo{Image: image(c.Image.ID, c.Image.ForcePull)}
	}
	if c.TTY {
		out.TtyInfo = &v1.TTYInfo{}
	}
	for _, m := range c.VolumeMounts {
		for _, v := range d.Volumes {
			if v.Name != m.Name {
				continue
			}
			switch {
			case v.Secret != "":
				out.Volumes = append(out.Volumes, secretVolume(m.MountPath, d.Secrets[v.Secret]))
			case v.Host != "":
				out.Volumes = append(out.Volumes, &v1.Volume{ContainerPath: proto.String(m.MountPath), HostPath: proto.String(v.Host), Mode: mode(m.ReadOnly)})
			default:
				out.Volumes = append(out.Volumes, &v1.Volume{ContainerPath: proto.String(m.MountPath), Mode: mode(m.ReadOnly), Source: sandboxPath(v1.Volume_Source_SandboxPath_PARENT, "volumes/"+v.Name)})
			}
		}
	}
	if out.Mesos == nil && out.TtyInfo == nil && len(out.Volumes) == 0 {
		return nil
	}
	return out
}
