package api

import (
	"mesos/actors/marathon"
	"mesos/actors/marathon/model"
)

// appJSON is an app as clients read it: its definition, and what is embedded.
type appJSON struct {
	*model.App
	Ports       *[]int        `json:"ports,omitempty"` // hides the older field that was sent
	Staged      *int          `json:"tasksStaged,omitempty"`
	Running     *int          `json:"tasksRunning,omitempty"`
	Healthy     *int          `json:"tasksHealthy,omitempty"`
	Unhealthy   *int          `json:"tasksUnhealthy,omitempty"`
	Deployments *[]ref        `json:"deployments,omitempty"`
	Readiness   *[]*readiness `json:"readinessCheckResults,omitempty"`
	Tasks       *[]*taskJSON  `json:"tasks,omitempty"`
	Failure     *failureJSON  `json:"lastTaskFailure,omitempty"`
}

type readiness = marathon.ReadinessResult

type failureJSON struct {
	AppID     string          `json:"appId"`
	Host      string          `json:"host"`
	Message   string          `json:"message"`
	State     string          `json:"state"`
	TaskID    string          `json:"taskId"`
	Timestamp model.Timestamp `json:"timestamp"`
	Version   model.Timestamp `json:"version"`
	SlaveID   string          `json:"slaveId"`
}

func appInfo(x *marathon.App, e embed) *appJSON {
	app := x.Spec.App
	out := &appJSON{App: app}
	if p := app.ServicePorts(); app.HostNetwork() {
		if p == nil {
			p = []int{}
		}
		out.Ports = &p
	}
	if e.has("counts") {
		out.Staged, out.Running, out.Healthy, out.Unhealthy = &x.Staged, &x.Running, &x.Healthy, &x.Unhealthy
	}
	if e.has("deployments") {
		d := refs(x.Deployments)
		out.Deployments = &d
	}
	if e.has("tasks") {
		t := []*taskJSON{}
		for _, i := range x.Instances {
			t = append(t, tasksOf(i)...)
		}
		out.Tasks = &t
	}
	if e.has("readiness") {
		r := x.Readiness
		if r == nil {
			r = []*readiness{}
		}
		out.Readiness = &r
	}
	if f := x.Failure; f != nil && e.has("lastTaskFailure") {
		out.Failure = &failureJSON{app.ID, f.Host, f.Message, f.State, f.Task, f.Timestamp, f.Version, f.Agent}
	}
	return out
}

// taskJSON is a task as clients read it.
type taskJSON struct {
	AppID        string           `json:"appId"`
	Health       []healthJSON     `json:"healthCheckResults,omitempty"`
	Host         string           `json:"host"`
	ID           string           `json:"id"`
	IPAddresses  []ipJSON         `json:"ipAddresses"`
	Ports        []int            `json:"ports"`
	ServicePorts []int            `json:"servicePorts"`
	SlaveID      string           `json:"slaveId"`
	State        string           `json:"state"`
	StagedAt     model.Timestamp  `json:"stagedAt"`
	StartedAt    *model.Timestamp `json:"startedAt"`
	Version      model.Timestamp  `json:"version"`
	LocalVolumes []volumeJSON     `json:"localVolumes"`
	Region       string           `json:"region,omitempty"`
	Zone         string           `json:"zone,omitempty"`
	Role         string           `json:"role,omitempty"`
}

type ipJSON struct {
	Address  string `json:"ipAddress"`
	Protocol string `json:"protocol"`
}

type volumeJSON struct {
	RunSpecID     string `json:"runSpecId"`
	ContainerPath string `json:"containerPath"`
	UUID          string `json:"uuid"`
	PersistenceID string `json:"persistenceId"`
}

type healthJSON struct {
	Alive        bool            `json:"alive"`
	Failures     int             `json:"consecutiveFailures"`
	FirstSuccess model.Timestamp `json:"firstSuccess"`
	LastSuccess  model.Timestamp `json:"lastSuccess"`
	LastFailure  model.Timestamp `json:"lastFailure"`
	Cause        *string         `json:"lastFailureCause"`
	InstanceID   string          `json:"instanceId"`
}

// tasksOf are the tasks of an instance.
func tasksOf(i *marathon.Instance) (out []*taskJSON) {
	for k := range i.Tasks {
		t := &i.Tasks[k]
		state := t.State
		if state == "" {
			state = "TASK_STAGING"
		}
		if i.Doomed && !t.Over {
			state = "TASK_KILLING"
		}
		x := &taskJSON{
			AppID: i.Spec, Host: i.Host, ID: t.ID, IPAddresses: []ipJSON{}, Ports: hostPorts(i), ServicePorts: []int{}, SlaveID: i.AgentID, State: state,
			StagedAt: t.Staged, Version: i.Version, LocalVolumes: []volumeJSON{}, Region: i.Region, Zone: i.Zone, Role: i.Role, Health: healthOf(i, t),
		}
		if !t.Started.IsZero() {
			x.StartedAt = &t.Started
		}
		for _, ip := range t.IPs {
			x.IPAddresses = append(x.IPAddresses, ipJSON{ip, "IPv4"})
		}
		if i.Claim != nil {
			for _, v := range i.Claim.Volumes {
				x.LocalVolumes = append(x.LocalVolumes, volumeJSON{i.Spec, v.ContainerPath, v.UUID, v.ID})
			}
		}
		if i.Def != nil && i.Def.App != nil {
			x.ServicePorts = append(x.ServicePorts, i.Def.App.ServicePorts()...)
		}
		out = append(out, x)
	}
	return out
}

func hostPorts(i *marathon.Instance) []int {
	out := []int{}
	for _, p := range i.Ports {
		if p != 0 {
			out = append(out, p)
		}
	}
	return out
}

func healthOf(i *marathon.Instance, t *model.Task) (out []healthJSON) {
	for _, h := range i.Health {
		if !h.Known {
			continue
		}
		x := healthJSON{h.Alive, h.Failures, h.FirstSuccess, h.LastSuccess, h.LastFailure, nil, i.ID}
		if h.Cause != "" {
			x.Cause = &h.Cause
		}
		out = append(out, x)
	}
	if t.Healthy != nil {
		x := healthJSON{Alive: *t.Healthy, InstanceID: i.ID}
		if *t.Healthy {
			x.FirstSuccess, x.LastSuccess = t.Since, t.Since
		} else {
			x.Failures, x.LastFailure, x.Cause = 1, t.Since, &t.Message
		}
		out = append(out, x)
	}
	return out
}
