package model

import (
	"encoding/json"
	"strings"
)

// The protocols of health checks. Those with MESOS_, and COMMAND, are made where
// the task runs, by its executor; HTTP, HTTPS and TCP by marathon.
const (
	HTTP       = "HTTP"
	HTTPS      = "HTTPS"
	TCP        = "TCP"
	Command    = "COMMAND"
	MesosHTTP  = "MESOS_HTTP"
	MesosHTTPS = "MESOS_HTTPS"
	MesosTCP   = "MESOS_TCP"
)

// HealthCheck finds out whether an instance is well; one that is not is killed.
type HealthCheck struct {
	Protocol               string        `json:"protocol"`
	Path                   string        `json:"path,omitempty"`
	Port                   *int          `json:"port,omitempty"`
	PortIndex              *int          `json:"portIndex,omitempty"`
	Command                *CommandCheck `json:"command,omitempty"`
	GracePeriodSeconds     int           `json:"gracePeriodSeconds"`
	IntervalSeconds        int           `json:"intervalSeconds"`
	TimeoutSeconds         int           `json:"timeoutSeconds"`
	MaxConsecutiveFailures int           `json:"maxConsecutiveFailures"` // 0: never killed
	DelaySeconds           int           `json:"delaySeconds"`
	IgnoreHTTP1xx          bool          `json:"ignoreHttp1xx"`
	IPProtocol             string        `json:"ipProtocol"`
}

// CommandCheck is a shell command that succeeds for a task that is well.
type CommandCheck struct {
	Value string `json:"value"`
}

// UnmarshalJSON fills in the defaults.
func (h *HealthCheck) UnmarshalJSON(b []byte) error {
	type plain HealthCheck
	x := plain{Protocol: HTTP, GracePeriodSeconds: 300, IntervalSeconds: 60, TimeoutSeconds: 20, MaxConsecutiveFailures: 3, DelaySeconds: 15, IPProtocol: "IPv4"}
	if err := inner(b, &x, "a health check"); err != nil {
		return err
	}
	if x.Port == nil && x.PortIndex == nil && x.Protocol != Command {
		x.PortIndex = new(int)
	}
	*h = HealthCheck(x)
	return nil
}

// ByMarathon says that marathon itself makes the check.
func (h *HealthCheck) ByMarathon() bool {
	return h.Protocol == HTTP || h.Protocol == HTTPS || h.Protocol == TCP
}

// Check is made by the executor, and only told.
type Check struct {
	HTTP            *CheckHTTP `json:"http,omitempty"`
	TCP             *CheckTCP  `json:"tcp,omitempty"`
	Exec            *CheckExec `json:"exec,omitempty"`
	IntervalSeconds int        `json:"intervalSeconds"`
	TimeoutSeconds  int        `json:"timeoutSeconds"`
	DelaySeconds    int        `json:"delaySeconds"`
}

// CheckHTTP asks for a page.
type CheckHTTP struct {
	PortIndex *int   `json:"portIndex,omitempty"`
	Port      *int   `json:"port,omitempty"`
	Path      string `json:"path,omitempty"`
	Scheme    string `json:"scheme,omitempty"`
}

// CheckTCP connects.
type CheckTCP struct {
	PortIndex *int `json:"portIndex,omitempty"`
	Port      *int `json:"port,omitempty"`
}

// CheckExec runs a command.
type CheckExec struct {
	Command ShellCommand `json:"command"`
}

// ShellCommand is a command line, or a list of words.
type ShellCommand struct {
	Shell string   `json:"shell,omitempty"`
	Argv  []string `json:"argv,omitempty"`
	Value string   `json:"value,omitempty"` // an older spelling of shell
}

// UnmarshalJSON fills in the defaults.
func (c *Check) UnmarshalJSON(b []byte) error {
	type plain Check
	x := plain{IntervalSeconds: 60, TimeoutSeconds: 20, DelaySeconds: 15}
	if err := inner(b, &x, "a check"); err != nil {
		return err
	}
	*c = Check(x)
	return nil
}

// ReadinessCheck finds out when a new instance may take the place of an old one.
type ReadinessCheck struct {
	Name                    string `json:"name"`
	Protocol                string `json:"protocol"`
	Path                    string `json:"path"`
	PortName                string `json:"portName"`
	IntervalSeconds         int    `json:"intervalSeconds"`
	TimeoutSeconds          int    `json:"timeoutSeconds"`
	HTTPStatusCodesForReady []int  `json:"httpStatusCodesForReady"`
	PreserveLastResponse    bool   `json:"preserveLastResponse"`
}

// UnmarshalJSON fills in the defaults.
func (r *ReadinessCheck) UnmarshalJSON(b []byte) error {
	type plain ReadinessCheck
	x := plain{Name: "readinessCheck", Protocol: HTTP, Path: "/", PortName: "http-api", IntervalSeconds: 30, TimeoutSeconds: 10}
	if err := inner(b, &x, "a readiness check"); err != nil {
		return err
	}
	if len(x.HTTPStatusCodesForReady) == 0 {
		x.HTTPStatusCodesForReady = []int{200}
	}
	*r = ReadinessCheck(x)
	return nil
}

// UnmarshalJSON fills in the default: archives are unpacked.
func (a *Artifact) UnmarshalJSON(b []byte) error {
	type plain Artifact
	x := plain{Extract: true}
	if err := inner(b, &x, "an artifact of fetch"); err != nil {
		return err
	}
	*a = Artifact(x)
	return nil
}

// UnmarshalJSON fills in the defaults.
func (n *Network) UnmarshalJSON(b []byte) error {
	type plain Network
	x := plain{Mode: ContainerMode}
	if err := inner(b, &x, "a network"); err != nil {
		return err
	}
	*n = Network(x)
	return nil
}

// UnmarshalJSON fills in the defaults.
func (p *PortDefinition) UnmarshalJSON(b []byte) error {
	type plain PortDefinition
	x := plain{Protocol: "tcp"}
	if err := inner(b, &x, "a port definition"); err != nil {
		return err
	}
	*p = PortDefinition(x)
	return nil
}

// UnmarshalJSON fills in the defaults.
func (p *PortMapping) UnmarshalJSON(b []byte) error {
	type plain PortMapping
	x := plain{Protocol: "tcp"}
	if err := inner(b, &x, "a port mapping"); err != nil {
		return err
	}
	*p = PortMapping(x)
	return nil
}

// inner reads a part of a definition; what names it in errors.
func inner(b []byte, v any, what string) error {
	if string(b) == "null" {
		return nil
	}
	err := decode(b, v)
	if err == nil {
		return nil
	}
	if inv, ok := err.(*Invalid); ok { //nolint:errorlint // decode returns it bare
		return &ValueError{inv.Problems[0].Errors[0], strings.TrimSuffix(inv.Problems[0].Path, "/")}
	}
	return &ValueError{Message: what + ": " + err.Error()}
}

var _ json.Unmarshaler = (*HealthCheck)(nil)
