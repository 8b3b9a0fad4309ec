package match

import (
	"maps"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
)

// appEnv are the variables by which a task finds its ports and itself.
func appEnv(s *model.Spec, i *model.Instance, taskID string) map[string]string {
	a := s.App
	env := map[string]string{
		"MARATHON_APP_ID": a.ID, "MARATHON_APP_VERSION": a.Version.String(), "MESOS_TASK_ID": taskID, "HOST": i.Host,
		"MARATHON_APP_RESOURCE_CPUS": number(a.CPUs), "MARATHON_APP_RESOURCE_MEM": number(a.Mem),
		"MARATHON_APP_RESOURCE_DISK": number(a.Disk), "MARATHON_APP_RESOURCE_GPUS": strconv.Itoa(a.GPUs),
	}
	if a.Container != nil && a.Container.Docker != nil {
		env["MARATHON_APP_DOCKER_IMAGE"] = a.Container.Docker.Image
	}
	labelEnv(env, a.Labels)
	var ports []int
	if a.HostNetwork() {
		for k, d := range a.PortDefinitions {
			ports = append(ports, i.Ports[k])
			portEnv(env, d.Port, d.Name, i.Ports[k])
		}
	} else if a.Container != nil {
		for k, m := range a.Container.PortMappings {
			// What the program is to listen on is the port in the container.
			inside := containerPort(m, i.Ports[k])
			ports = append(ports, inside)
			portEnv(env, m.ContainerPort, m.Name, outside(i.Ports[k], inside))
		}
	}
	portList(env, ports)
	return env
}

func outside(hostPort, containerPort int) int {
	if hostPort == 0 {
		return containerPort
	}
	return hostPort
}

func number(f float64) string {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func portEnv(env map[string]string, declared int, name string, actual int) {
	if declared != 0 {
		env["PORT_"+strconv.Itoa(declared)] = strconv.Itoa(actual)
	}
	if name != "" {
		env["PORT_"+variable(name)] = strconv.Itoa(actual)
	}
}

func portList(env map[string]string, ports []int) {
	var all []string
	for k, n := range ports {
		env["PORT"+strconv.Itoa(k)] = strconv.Itoa(n)
		all = append(all, strconv.Itoa(n))
	}
	if len(ports) > 0 {
		env["PORT"] = all[0]
		env["PORTS"] = strings.Join(all, ",")
	}
}

// labelEnv tells the labels whose names can be those of variables.
func labelEnv(env map[string]string, l map[string]string) {
	var names []string
	for k, v := range ordered.All(l) {
		if len(k) < 1 || len(v) > 512 {
			continue
		}
		names = append(names, variable(k))
		env["MARATHON_APP_LABEL_"+variable(k)] = v
	}
	env["MARATHON_APP_LABELS"] = strings.Join(names, " ")
}

// variable makes the name of a variable of any text.
func variable(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

// environment puts what the user wants over what marathon tells.
func environment(told map[string]string, own map[string]model.EnvVar, secrets map[string]model.SecretFrom) *v1.Environment {
	all := map[string]model.EnvVar{}
	for k, v := range told {
		all[k] = model.EnvVar{Value: v}
	}
	maps.Copy(all, own)
	e := &v1.Environment{}
	for k, v := range ordered.All(all) {
		x := &v1.Environment_Variable{Name: proto.String(k), Value: proto.String(v.Value)}
		if v.Secret != "" {
			x = &v1.Environment_Variable{Name: proto.String(k), Type: v1.Environment_Variable_SECRET.Enum(), Secret: secret(secrets[v.Secret])}
		}
		e.Variables = append(e.Variables, x)
	}
	return e
}

// secret is a reference that the agent resolves.
func secret(from model.SecretFrom) *v1.Secret {
	return &v1.Secret{Type: v1.Secret_REFERENCE.Enum(), Reference: &v1.Secret_Reference{Name: proto.String(from.Source)}}
}
