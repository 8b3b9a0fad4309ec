package job

import (
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"mesos/actors/chronos/schedule"
)

// names of jobs stand in task ids and URLs.
var names = regexp.MustCompile(`^[\w.-]{1,200}$`)

// maxRetries bounds what one slot may cost.
const maxRetries = 1000

// check finds what is wrong with a job by itself.
func (j *Job) check() error {
	if !names.MatchString(string(j.Name)) {
		return invalid("name", "%q is no name: letters, digits, '_', '-' and '.', 200 at most", j.Name)
	}
	if j.Command == "" && j.Executor == "" && j.Container == nil {
		return invalid("command", "it is empty, and there is neither an executor nor an image that has one")
	}
	if j.Retries < 0 || j.Retries > maxRetries || j.Retries != Number(math.Trunc(float64(j.Retries))) {
		return invalid("retries", "%v is no whole number from 0 to %d", j.Retries, maxRetries)
	}
	if j.MaxCompletionTime < 0 || j.MaxCompletionTime > 1e9 {
		return invalid("maxCompletionTime", "%v is no number of seconds", j.MaxCompletionTime)
	}
	for field, n := range map[string]Number{"cpus": j.CPUs, "mem": j.Mem, "disk": j.Disk} {
		if n < 0 {
			return invalid(field, "%v is below zero", n)
		}
	}
	if j.CPUs == 0 || j.Mem == 0 {
		return invalid("cpus", "a job needs some cpus and mem")
	}
	if _, err := schedule.ParsePeriod(string(j.Epsilon)); err != nil {
		return invalid("epsilon", "%v", err)
	}
	for field, text := range map[string]Text{"onSuccess": j.OnSuccess, "onFailure": j.OnFailure} {
		if u, err := url.Parse(string(text)); text != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			return invalid(field, "%q is no URL of a web server, like https://host/path", text)
		}
	}
	for _, check := range []func() error{j.checkParents, j.checkEnvironment, j.checkConstraints, j.checkContainer} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (j *Job) checkParents() error {
	for i, p := range j.Parents {
		if slices.Contains(j.Parents[:i], p) {
			return invalid("parents", "%q stands there twice", p)
		}
		if p == j.Name {
			return invalid("parents", "the job would wait for itself")
		}
	}
	return nil
}

func (j *Job) checkEnvironment() error {
	for _, v := range j.EnvironmentVariables {
		if v.Name == "" || strings.ContainsAny(string(v.Name), "=\x00") {
			return invalid("environmentVariables", "%q is no name of a variable", v.Name)
		}
	}
	for _, f := range j.Fetch {
		if f.URI == "" {
			return invalid("fetch", "a uri is empty")
		}
	}
	return nil
}

// operators compare an attribute of an agent with a value.
var operators = []Text{"EQUALS", "LIKE", "UNLIKE"}

func (j *Job) checkConstraints() error {
	for _, c := range j.Constraints {
		if len(c) != 3 || c[0] == "" || !slices.Contains(operators, c[1]) {
			return invalid("constraints", `%q is not like ["rack", "EQUALS", "rack-1"]: attribute, then EQUALS, LIKE or UNLIKE, then a value`, c)
		}
		if c[1] == "EQUALS" {
			continue
		}
		if _, err := Pattern(string(c[2])); err != nil {
			return invalid("constraints", "%q is no regular expression: %v", c[2], err)
		}
	}
	return nil
}

// Pattern is the regular expression of LIKE and UNLIKE, which must match all of a value.
func Pattern(text string) (*regexp.Regexp, error) { return regexp.Compile("^(?:" + text + ")$") }

func (j *Job) checkContainer() error {
	c := j.Container
	if c == nil {
		return nil
	}
	c.Type, c.Network = Text(strings.ToUpper(string(c.Type))), Text(strings.ToUpper(string(c.Network)))
	if c.Type == "" {
		c.Type = "DOCKER"
	}
	if c.Network == "" {
		c.Network = "HOST"
	}
	switch {
	case c.Type != "DOCKER" && c.Type != "MESOS":
		return invalid("container.type", "%q is neither DOCKER nor MESOS", c.Type)
	case c.Image == "":
		return invalid("container.image", "it is empty")
	case !slices.Contains([]Text{"HOST", "BRIDGE", "NONE", "USER"}, c.Network):
		return invalid("container.network", "%q is none of HOST, BRIDGE, NONE, USER", c.Network)
	}
	for _, n := range c.NetworkInfos {
		if len(n.PortMappings) > 0 {
			return &Invalid{"container.networkInfos.portMappings", "it is not supported: chronos reserves no ports for a container", true}
		}
		if n.Protocol != "" {
			return &Invalid{"container.networkInfos.protocol", "it is not supported: the network decides", true}
		}
	}
	for i := range c.Volumes {
		if err := c.Volumes[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (v *Volume) check() error {
	v.Mode = Text(strings.ToUpper(string(v.Mode)))
	if v.Mode == "" {
		v.Mode = "RW"
	}
	switch {
	case v.ContainerPath == "":
		return invalid("container.volumes.containerPath", "it is empty")
	case v.Mode != "RW" && v.Mode != "RO":
		return invalid("container.volumes.mode", "%q is neither RW nor RO", v.Mode)
	case v.HostPath != "" && v.External != nil:
		return invalid("container.volumes.external", "a volume has a hostPath or is external")
	}
	return nil
}
