package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// WaitForever is the one way to treat a resident instance whose task is lost: it waits for its volumes.
const WaitForever = "WAIT_FOREVER"

// defaultsOfResident fills in what an app with persistent volumes has by itself.
func (a *App) defaultsOfResident() {
	if a.Residency == nil {
		a.Residency = &Residency{RelaunchEscalationTimeoutSeconds: 3600}
	}
	if a.Residency.TaskLostBehavior == "" {
		a.Residency.TaskLostBehavior = WaitForever
	}
	for k := range a.Container.Volumes {
		v := a.Container.Volumes[k].Persistent
		if v == nil {
			continue
		}
		v.Type = cmp.Or(v.Type, RootDisk)
		if v.Constraints == nil {
			v.Constraints = []Constraint{}
		}
	}
}

// validateResident finds what is wrong with an app for which instances are tied to their volumes.
func (a *App) validateResident(p *problems) {
	if !a.Container.HasPersistent() {
		p.need(a.Residency == nil, "/residency", "is for apps with persistent volumes")
		return
	}
	r := a.Residency
	p.need(r.TaskLostBehavior == WaitForever, "/residency/taskLostBehavior", "only %s is supported, got %s; unreachableStrategy says when another instance takes the place of a lost one", WaitForever, r.TaskLostBehavior)
	p.need(r.RelaunchEscalationTimeoutSeconds >= 0, "/residency/relaunchEscalationTimeoutSeconds", "must not be negative, got %d", r.RelaunchEscalationTimeoutSeconds)
	p.need(a.UpgradeStrategy.MaximumOverCapacity == 0, "/upgradeStrategy/maximumOverCapacity", "must be 0 for an app with persistent volumes, got %v: a new instance takes the volumes of an old one", a.UpgradeStrategy.MaximumOverCapacity)
	p.need(!a.PerAgent, "/perAgent", "is not supported for apps with persistent volumes")
	p.need(len(a.AcceptedResourceRoles) == 0 || slices.Contains(a.AcceptedResourceRoles, "*"), "/acceptedResourceRoles", "must hold * for an app with persistent volumes: they are reserved of what is nobody's")
}

func (a *App) validatePersistent(p *problems, v Volume, at string) {
	d := v.Persistent
	p.need(!strings.Contains(v.ContainerPath, "/") && v.ContainerPath != "." && v.ContainerPath != "..", at+"/containerPath", "of a persistent volume must be one word, got %s", v.ContainerPath)
	p.need(v.Mode == "RW", at+"/mode", "of a persistent volume must be RW, got %q", v.Mode)
	p.need(d.Size > 0, at+"/persistent/size", "must be more than 0 MB, got %d", d.Size)
	p.need(slices.Contains([]string{RootDisk, PathDisk, MountDisk}, d.Type), at+"/persistent/type", "must be %s, %s or %s, got %s", RootDisk, PathDisk, MountDisk, d.Type)
	p.need(d.MaxSize == 0 || d.Type == MountDisk, at+"/persistent/maxSize", "is for type %s only", MountDisk)
	p.need(d.MaxSize == 0 || d.MaxSize >= d.Size, at+"/persistent/maxSize", "must be size or more, got %d", d.MaxSize)
	p.need(len(d.Constraints) == 0 || d.Type != RootDisk, at+"/persistent/constraints", "are for types %s and %s only", PathDisk, MountDisk)
	for k, c := range d.Constraints {
		at := fmt.Sprintf("%s/persistent/constraints(%d)", at, k)
		_, err := regexp.Compile(c.Value)
		p.need(c.Field == "path", at, "the field must be path, got %s", c.Field)
		p.need((c.Operator == Like || c.Operator == Unlike) && c.Value != "" && err == nil, at, "must be LIKE or UNLIKE with a regular expression, got %s %q", c.Operator, c.Value)
	}
}

// PersistentVolumes are the volumes that outlive an instance, in the order of the definition.
func (s *Spec) PersistentVolumes() (out []Volume) {
	if !s.Resident() {
		return nil
	}
	for _, v := range s.App.Container.Volumes {
		if v.Persistent != nil {
			out = append(out, v)
		}
	}
	return out
}

// footprint is what a resident instance reserves.
type footprint struct {
	CPUs    float64  `json:"cpus"`
	Mem     float64  `json:"mem"`
	Disk    float64  `json:"disk"`
	GPUs    int      `json:"gpus"`
	Ports   []int    `json:"ports"`
	Volumes []Volume `json:"volumes"`
}

func (s *Spec) footprint() footprint {
	a := s.App
	f := footprint{CPUs: a.CPUs, Mem: a.Mem, Disk: a.Disk, GPUs: a.GPUs, Volumes: s.PersistentVolumes()}
	if a.HostNetwork() {
		for _, d := range a.PortDefinitions {
			n := 0
			if a.RequirePorts {
				n = d.Port
			}
			f.Ports = append(f.Ports, n)
		}
	} else if a.Container != nil {
		for _, m := range a.Container.PortMappings {
			n := -1
			if m.HostPort != nil {
				n = *m.HostPort
			}
			f.Ports = append(f.Ports, n)
		}
	}
	return f
}

// Footprint names what a resident instance reserves: instances may take each other's volumes if it is equal. It is ""
// for others.
func (s *Spec) Footprint() string {
	if !s.Resident() {
		return ""
	}
	b, err := json.Marshal(s.footprint())
	if err != nil {
		return err.Error() // numbers and texts have a JSON form
	}
	return string(b)
}

// CheckUpdate finds what may not change from old to s: what resident instances have reserved. Errors: *[Invalid].
func (s *Spec) CheckUpdate(old *Spec) error {
	var p problems
	if s.App == nil || old.App == nil || !s.Resident() && !old.Resident() {
		return nil
	}
	const keep = "cannot be changed while instances have persistent volumes: make another app"
	x, y := s.footprint(), old.footprint()
	p.need(equalJSON(x.Volumes, y.Volumes), "/container/volumes", "persistent volumes "+keep)
	p.need(x.CPUs == y.CPUs, "/cpus", keep)
	p.need(x.Mem == y.Mem, "/mem", keep)
	p.need(x.Disk == y.Disk, "/disk", keep)
	p.need(x.GPUs == y.GPUs, "/gpus", keep)
	p.need(slices.Equal(x.Ports, y.Ports), "/portDefinitions", "ports of the agent "+keep)
	return p.err()
}

func equalJSON(x, y any) bool {
	a, err1 := json.Marshal(x)
	b, err2 := json.Marshal(y)
	return err1 == nil && err2 == nil && string(a) == string(b)
}
