package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Pod is a service of equal instances, each of several tasks that share an
// executor and, on networks other than the host's, an address.
type Pod struct {
	ID                string                `json:"id"`
	Labels            map[string]string     `json:"labels"`
	Version           Timestamp             `json:"version"`
	User              string                `json:"user,omitempty"`
	Environment       map[string]EnvVar     `json:"environment"`
	Containers        []PodContainer        `json:"containers"`
	Secrets           map[string]SecretFrom `json:"secrets"`
	Volumes           []PodVolume           `json:"volumes"`
	Networks          []Network             `json:"networks"`
	Scaling           Scaling               `json:"scaling"`
	Scheduling        Scheduling            `json:"scheduling"`
	ExecutorResources *Amounts              `json:"executorResources,omitempty"`
	Role              string                `json:"role,omitempty"`
	VersionInfo       *VersionInfo          `json:"versionInfo,omitempty"` // kept, not told
}

// PodContainer is one task of a pod.
type PodContainer struct {
	Name         string            `json:"name"`
	Exec         *Exec             `json:"exec,omitempty"`
	Resources    Amounts           `json:"resources"`
	Endpoints    []Endpoint        `json:"endpoints"`
	Image        *Image            `json:"image,omitempty"`
	Environment  map[string]EnvVar `json:"environment"`
	User         string            `json:"user,omitempty"`
	HealthCheck  *PodHealth        `json:"healthCheck,omitempty"`
	VolumeMounts []VolumeMount     `json:"volumeMounts"`
	Artifacts    []Artifact        `json:"artifacts"`
	Labels       map[string]string `json:"labels"`
	Lifecycle    *Lifecycle        `json:"lifecycle,omitempty"`
	TTY          bool              `json:"tty,omitempty"`
}

// Exec is what a container runs.
type Exec struct {
	Command            ShellCommand `json:"command"`
	OverrideEntrypoint *bool        `json:"overrideEntrypoint,omitempty"`
}

// Amounts are resources of one container.
type Amounts struct {
	CPUs float64 `json:"cpus"`
	Mem  float64 `json:"mem"`  // MB
	Disk float64 `json:"disk"` // MB
	GPUs int     `json:"gpus"`
}

// Endpoint is a port of a container.
type Endpoint struct {
	Name          string            `json:"name"`
	ContainerPort *int              `json:"containerPort,omitempty"`
	HostPort      *int              `json:"hostPort,omitempty"` // nil: none of the agent's
	Protocol      Protocols         `json:"protocol"`
	Labels        map[string]string `json:"labels,omitempty"`
	NetworkNames  []string          `json:"networkNames,omitempty"`
}

// Protocols is a list; one alone may be sent as a text.
type Protocols []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *Protocols) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		*l = Protocols{string(bytes.Trim(b, `"`))}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// Image is what a container's file system is made of.
type Image struct {
	Kind      string            `json:"kind"`
	ID        string            `json:"id"`
	ForcePull bool              `json:"forcePull"`
	Labels    map[string]string `json:"labels,omitempty"`
}

// PodHealth is the health check of a container.
type PodHealth struct {
	HTTP                   *PodCheckHTTP `json:"http,omitempty"`
	TCP                    *PodCheckTCP  `json:"tcp,omitempty"`
	Exec                   *CheckExec    `json:"exec,omitempty"`
	GracePeriodSeconds     int           `json:"gracePeriodSeconds"`
	IntervalSeconds        int           `json:"intervalSeconds"`
	MaxConsecutiveFailures int           `json:"maxConsecutiveFailures"`
	TimeoutSeconds         int           `json:"timeoutSeconds"`
	DelaySeconds           int           `json:"delaySeconds"`
}

// UnmarshalJSON fills in the defaults.
func (h *PodHealth) UnmarshalJSON(b []byte) error {
	type plain PodHealth
	x := plain{GracePeriodSeconds: 300, IntervalSeconds: 60, TimeoutSeconds: 20, MaxConsecutiveFailures: 3, DelaySeconds: 15}
	if err := inner(b, &x, "a health check"); err != nil {
		return err
	}
	*h = PodHealth(x)
	return nil
}

// Empty says that nothing is checked.
func (h *PodHealth) Empty() bool {
	return h == nil || h.HTTP == nil && h.TCP == nil && h.Exec == nil
}

// PodCheckHTTP asks an endpoint for a page.
type PodCheckHTTP struct {
	Endpoint string `json:"endpoint"`
	Path     string `json:"path,omitempty"`
	Scheme   string `json:"scheme,omitempty"`
}

// PodCheckTCP connects to an endpoint.
type PodCheckTCP struct {
	Endpoint string `json:"endpoint"`
}

// PodVolume is a directory that containers of a pod may mount.
type PodVolume struct {
	Name       string      `json:"name"`
	Host       string      `json:"host,omitempty"` // "" : one in the sandbox
	Secret     string      `json:"secret,omitempty"`
	Persistent *Persistent `json:"persistent,omitempty"`
}

// VolumeMount is where a container finds a volume.
type VolumeMount struct {
	Name      string `json:"name"`
	MountPath string `json:"mountPath"`
	ReadOnly  bool   `json:"readOnly,omitempty"`
}

// Lifecycle says how a container ends.
type Lifecycle struct {
	KillGracePeriodSeconds *float64 `json:"killGracePeriodSeconds,omitempty"`
}

// Scaling is how many instances there are.
type Scaling struct {
	Kind         string `json:"kind"`
	Instances    int    `json:"instances"`
	MaxInstances *int   `json:"maxInstances,omitempty"`
}

// Scheduling is where and how instances are launched.
type Scheduling struct {
	Backoff             *Backoff     `json:"backoff,omitempty"`
	Upgrade             *Upgrade     `json:"upgrade,omitempty"`
	Placement           *Placement   `json:"placement,omitempty"`
	KillSelection       string       `json:"killSelection"`
	UnreachableStrategy *Unreachable `json:"unreachableStrategy,omitempty"`
}

// Backoff is how launches are delayed after failures, in seconds.
type Backoff struct {
	Backoff        float64 `json:"backoff"`
	BackoffFactor  float64 `json:"backoffFactor"`
	MaxLaunchDelay float64 `json:"maxLaunchDelay"`
}

// Placement is where instances may run.
type Placement struct {
	Constraints           []PodConstraint `json:"constraints"`
	AcceptedResourceRoles []string        `json:"acceptedResourceRoles"`
}

// DecodePod reads a pod as clients send it, like [DecodeApp].
func DecodePod(data []byte, base, id string) (*Pod, error) {
	pod := &Pod{
		Labels: map[string]string{}, Environment: map[string]EnvVar{}, Secrets: map[string]SecretFrom{}, Volumes: []PodVolume{},
		Scaling: Scaling{Kind: "fixed", Instances: 1},
	}
	if err := decode(data, pod, "version", "versionInfo"); err != nil {
		return nil, err
	}
	if id != "" {
		if pod.ID != "" && Resolve(base, pod.ID) != Resolve(Root, id) {
			return nil, &Invalid{[]Problem{{"/id", []string{"must be " + Resolve(Root, id) + ", as the path of the request says"}}}}
		}
		pod.ID = id
	}
	if pod.ID != "" {
		pod.ID = Resolve(base, pod.ID)
	}
	pod.defaults()
	var p problems
	pod.validate(&p)
	return pod, p.err()
}

func (d *Pod) defaults() {
	if len(d.Networks) == 0 {
		d.Networks = []Network{{Mode: HostMode}}
	}
	s := &d.Scheduling
	if s.Backoff == nil {
		s.Backoff = &Backoff{1, 1.15, 300}
	}
	if s.Upgrade == nil {
		s.Upgrade = &Upgrade{MinimumHealthCapacity: 1, MaximumOverCapacity: 1}
	}
	if s.Placement == nil {
		s.Placement = &Placement{Constraints: []PodConstraint{}, AcceptedResourceRoles: []string{}}
	}
	if s.KillSelection == "" {
		s.KillSelection = YoungestFirst
	}
	if s.UnreachableStrategy == nil {
		s.UnreachableStrategy = &Unreachable{}
	}
	if d.ExecutorResources == nil {
		d.ExecutorResources = &Amounts{CPUs: 0.1, Mem: 32, Disk: 10}
	}
	for i := range d.Containers {
		d.Containers[i].defaults()
	}
}

func (c *PodContainer) defaults() {
	if c.Endpoints == nil {
		c.Endpoints = []Endpoint{}
	}
	for j := range c.Endpoints {
		if len(c.Endpoints[j].Protocol) == 0 {
			c.Endpoints[j].Protocol = Protocols{"tcp"}
		}
	}
	if c.Environment == nil {
		c.Environment = map[string]EnvVar{}
	}
	if c.VolumeMounts == nil {
		c.VolumeMounts = []VolumeMount{}
	}
	if c.Artifacts == nil {
		c.Artifacts = []Artifact{}
	}
	if c.Labels == nil {
		c.Labels = map[string]string{}
	}
	if c.HealthCheck.Empty() {
		c.HealthCheck = nil
	}
}

func (d *Pod) validate(p *problems) {
	p.need(d.ID != "" && d.ID != Root, "/id", "must be set, like /web")
	if text := CheckID(d.ID); text != "" {
		p.add("/id", "%s", text)
	}
	p.need(len(d.Containers) > 0, "/containers", "must hold one at least")
	p.need(d.Scaling.Kind == "fixed", "/scaling/kind", "must be fixed, got %s", d.Scaling.Kind)
	p.need(d.Scaling.Instances >= 0 && d.Scaling.Instances <= math.MaxInt32, "/scaling/instances", "must be from 0 to %d, got %d", math.MaxInt32, d.Scaling.Instances)
	p.need(d.Scaling.MaxInstances == nil || *d.Scaling.MaxInstances >= d.Scaling.Instances, "/scaling/maxInstances", "must be instances or more")
	s := d.Scheduling
	p.need(s.Backoff.Backoff >= 0 && s.Backoff.MaxLaunchDelay >= 0, "/scheduling/backoff", "must not be negative")
	p.need(s.Backoff.BackoffFactor >= 1, "/scheduling/backoff/backoffFactor", "must be 1 or more, got %v", s.Backoff.BackoffFactor)
	validateUpgrade(p, s.Upgrade, "/scheduling/upgrade")
	validateUnreachable(p, s.UnreachableStrategy, "/scheduling/unreachableStrategy")
	p.need(s.KillSelection == YoungestFirst || s.KillSelection == OldestFirst, "/scheduling/killSelection", "must be %s or %s, got %s", YoungestFirst, OldestFirst, s.KillSelection)
	validateConstraints(p, d.constraints(), "/scheduling/placement/constraints")
	validateEnv(p, d.Environment, d.Secrets, "/environment")
	validateLabels(p, d.Labels, "/labels")
	volumes := map[string]bool{}
	for i, v := range d.Volumes {
		at := fmt.Sprintf("/volumes(%d)", i)
		p.need(v.Name != "" && !volumes[v.Name], at+"/name", "must be set, and unlike that of others")
		p.need(v.Persistent == nil, at+"/persistent", "is not supported for pods; use an app")
		_, known := d.Secrets[v.Secret]
		p.need(v.Secret == "" || known, at+"/secret", "the secret %s is not in secrets", v.Secret)
		volumes[v.Name] = true
	}
	for i, n := range d.Networks {
		at := fmt.Sprintf("/networks(%d)", i)
		p.need(slices.Contains([]string{HostMode, BridgeMode, ContainerMode}, n.Mode), at+"/mode", "must be host, container/bridge or container, got %s", n.Mode)
		p.need(n.Mode != ContainerMode || n.Name != "", at+"/name", "must be set with mode container")
	}
	names, ports := map[string]bool{}, map[string]bool{}
	for i := range d.Containers {
		d.Containers[i].validate(p, fmt.Sprintf("/containers(%d)", i), d, names, ports, volumes)
	}
}

func (c *PodContainer) validate(p *problems, at string, d *Pod, names, ports, volumes map[string]bool) {
	p.need(portName.MatchString(c.Name) && !names[c.Name], at+"/name", "must be lower case letters, digits and dashes, and unlike that of others; got %q", c.Name)
	names[c.Name] = true
	r := c.Resources
	p.need(r.CPUs >= 0 && r.Mem >= 0 && r.Disk >= 0 && r.GPUs >= 0, at+"/resources", "must not be negative")
	p.need(r.CPUs > 0 || r.Mem > 0, at+"/resources", "one of cpus and mem must be more than 0")
	p.need(c.Exec != nil && !c.Exec.Command.Empty() || c.Image != nil, at+"/exec", "must be set where there is no image")
	p.need(c.Image == nil || c.Image.Kind == "DOCKER", at+"/image/kind", "must be DOCKER; APPC is not supported")
	p.need(c.Image == nil || c.Image.ID != "", at+"/image/id", "must be set")
	p.need(c.Image == nil || len(c.Image.Labels) == 0, at+"/image/labels", "are for images of kind APPC only")
	if c.Exec != nil && c.Exec.OverrideEntrypoint != nil {
		p.need(*c.Exec.OverrideEntrypoint || c.Exec.Command.Line() == "", at+"/exec/overrideEntrypoint", "a shell command takes the place of the entry point; use argv to give it arguments")
	}
	validateEnv(p, c.Environment, d.Secrets, at+"/environment")
	validateLabels(p, c.Labels, at+"/labels")
	for j, e := range c.Endpoints {
		here := fmt.Sprintf("%s/endpoints(%d)", at, j)
		validatePort(p, here, 0, "tcp", e.Name, ports)
		p.need(e.Name != "", here+"/name", "must be set")
		validateNetworkNames(p, e.NetworkNames, d.Networks, here)
		for _, protocol := range e.Protocol {
			p.need(protocol == "tcp" || protocol == "udp", here+"/protocol", "must be tcp or udp, got %s", protocol)
		}
	}
	for j, m := range c.VolumeMounts {
		here := fmt.Sprintf("%s/volumeMounts(%d)", at, j)
		p.need(volumes[m.Name], here+"/name", "%s is not in volumes", m.Name)
		p.need(m.MountPath != "", here+"/mountPath", "must be set")
	}
	if h := c.HealthCheck; h != nil {
		for _, name := range h.endpoints() {
			p.need(c.EndpointNamed(name) >= 0, at+"/healthCheck", "%s is not an endpoint of this container", name)
		}
	}
}

func (h *PodHealth) endpoints() (names []string) {
	if h.HTTP != nil {
		names = append(names, h.HTTP.Endpoint)
	}
	if h.TCP != nil {
		names = append(names, h.TCP.Endpoint)
	}
	return names
}

// EndpointNamed is the index of an endpoint, -1 if there is none.
func (c *PodContainer) EndpointNamed(name string) int {
	return slices.IndexFunc(c.Endpoints, func(e Endpoint) bool { return e.Name == name })
}

func (d *Pod) constraints() (out []Constraint) {
	for _, c := range d.Scheduling.Placement.Constraints {
		out = append(out, c.Constraint)
	}
	return out
}

// Empty says that there is no command.
func (c ShellCommand) Empty() bool { return c.Shell == "" && c.Value == "" && len(c.Argv) == 0 }

// Line is the command line for a shell, "" if the words of Argv are run.
func (c ShellCommand) Line() string {
	if c.Shell != "" {
		return c.Shell
	}
	return c.Value
}

// UnmarshalJSON takes a bare text, too.
func (c *ShellCommand) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, &c.Shell)
	}
	type plain ShellCommand
	var x plain
	if err := inner(b, &x, "a command"); err != nil {
		return err
	}
	*c = ShellCommand(x)
	return nil
}

// HostNetwork says that instances share the network of their agents.
func (d *Pod) HostNetwork() bool { return len(d.Networks) == 0 || d.Networks[0].Mode == HostMode }
