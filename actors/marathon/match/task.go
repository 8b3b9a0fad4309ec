package match

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// InstanceID makes the id of an instance.
func InstanceID(specID, unique string) string { return model.Safe(specID) + ".instance-" + unique }

// TaskIDs are the ids of an instance's tasks, in the order of the definition.
func TaskIDs(s *model.Spec, instance string, attempt int) []string {
	if s.App != nil {
		return []string{fmt.Sprintf("%s._app.%d", instance, attempt)}
	}
	var out []string
	for _, c := range s.Pod.Containers {
		out = append(out, fmt.Sprintf("%s.%s.%d", instance, c.Name, attempt))
	}
	return out
}

// Task is the task of an app's instance, on resources that a Fit took.
func Task(s *model.Spec, i *model.Instance, res resources.Resources) *v1.TaskInfo {
	a := s.App
	t := &v1.TaskInfo{
		Name: proto.String(model.Label(a.ID)), TaskId: ids.Task(i.Tasks[0].ID), AgentId: ids.Agent(i.AgentID), Resources: res.Proto(),
		Labels: labels(a.Labels), Discovery: discovery(a.ID, appPorts(a, i)), KillPolicy: killPolicy(a.KillGraceSeconds),
	}
	t.Command = command(a.Cmd, a.Args, a.Container != nil && a.Container.Docker != nil)
	t.Command.User = optional(a.User)
	t.Command.Uris = uris(a.Fetch)
	t.Command.Environment = environment(appEnv(s, i, t.GetTaskId().GetValue()), a.Env, a.Secrets)
	t.Container = container(a, i)
	if l := a.ResourceLimits; l != nil {
		t.Limits = map[string]*v1.Value_Scalar{}
		limit(t.Limits, "cpus", l.CPUs)
		limit(t.Limits, "mem", l.Mem)
	}
	for n := range a.HealthChecks {
		if h := &a.HealthChecks[n]; !h.ByMarathon() {
			t.HealthCheck = healthCheck(a, h, i.Ports)
		}
	}
	t.Check = check(a, i.Ports)
	return t
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func limit(to map[string]*v1.Value_Scalar, name string, l *model.Limit) {
	switch {
	case l == nil:
	case l.Unlimited:
		to[name] = &v1.Value_Scalar{Value: proto.Float64(infinity)}
	default:
		to[name] = &v1.Value_Scalar{Value: proto.Float64(l.Value)}
	}
}

func command(line string, args []string, image bool) *v1.CommandInfo {
	if line != "" {
		return &v1.CommandInfo{Shell: proto.Bool(true), Value: &line}
	}
	c := &v1.CommandInfo{Shell: proto.Bool(false), Arguments: args}
	if !image && len(args) > 0 {
		c.Value = &args[0]
	}
	return c
}

func uris(list []model.Artifact) (out []*v1.CommandInfo_URI) {
	for _, f := range list {
		out = append(out, &v1.CommandInfo_URI{
			Value: proto.String(f.URI), Extract: proto.Bool(f.Extract), Executable: proto.Bool(f.Executable), Cache: proto.Bool(f.Cache), OutputFile: optional(f.DestPath),
		})
	}
	return out
}

func labels(m map[string]string) *v1.Labels {
	if len(m) == 0 {
		return nil
	}
	out := &v1.Labels{}
	for k, v := range ordered.All(m) {
		out.Labels = append(out.Labels, &v1.Label{Key: proto.String(k), Value: proto.String(v)})
	}
	return out
}

func killPolicy(seconds *int) *v1.KillPolicy {
	if seconds == nil {
		return nil
	}
	return &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(*seconds) * 1e9)}}
}

// discovery says what DNS and load balancers are to know.
func discovery(id string, ports []*v1.Port) *v1.DiscoveryInfo {
	d := &v1.DiscoveryInfo{Visibility: v1.DiscoveryInfo_FRAMEWORK.Enum(), Name: proto.String(model.Label(id))}
	if len(ports) > 0 {
		d.Ports = &v1.Ports{Ports: ports}
	}
	return d
}

// appPorts are where the instance can be reached, each protocol by itself.
func appPorts(a *model.App, i *model.Instance) (out []*v1.Port) {
	add := func(number int, protocol, name string, l map[string]string) {
		for _, one := range protocols(protocol) {
			out = append(out, &v1.Port{Number: proto.Uint32(uint32(number)), Protocol: proto.String(one), Name: optional(name), Labels: labels(l)})
		}
	}
	if a.HostNetwork() {
		for k, d := range a.PortDefinitions {
			add(i.Ports[k], d.Protocol, d.Name, d.Labels)
		}
		return out
	}
	if a.Container != nil {
		for k, m := range a.Container.PortMappings {
			number := i.Ports[k]
			if number == 0 {
				number = m.ContainerPort
			}
			add(number, m.Protocol, m.Name, m.Labels)
		}
	}
	return out
}

func protocols(text string) []string {
	switch text {
	case "tcp,udp", "udp,tcp":
		return []string{"tcp", "udp"}
	}
	return []string{text}
}

// containerPort is the port that the program in the container listens on.
func containerPort(m model.PortMapping, hostPort int) int {
	if m.ContainerPort == 0 {
		return hostPort
	}
	return m.ContainerPort
}

// listens is the port at which a check finds the program, given by number or by index.
func listens(a *model.App, ports []int, number, index *int) uint32 {
	if number != nil && *number != 0 {
		return uint32(*number)
	}
	if index == nil {
		return 0
	}
	if a.HostNetwork() {
		return uint32(ports[*index])
	}
	return uint32(containerPort(a.Container.PortMappings[*index], ports[*index]))
}
