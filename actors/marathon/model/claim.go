package model

// Claim is what a resident instance has reserved on its agent: all that its task uses, labelled with its id.
type Claim struct {
	Footprint string        `json:"footprint"` // of the spec that it was made for, see [Spec.Footprint]
	Volumes   []LocalVolume `json:"volumes"`   // in the order of the definition
	Held      bool          `json:"held,omitempty"`
}

// LocalVolume is a persistent volume of an instance.
type LocalVolume struct {
	ContainerPath string `json:"containerPath"`
	UUID          string `json:"uuid"`
	ID            string `json:"persistenceId"`
}

// Sleeps says that the instance has its volumes and no task.
func (i *Instance) Sleeps() bool { return i.Resident && i.Claim.Held && i.Over() }

// Claims says that the instance is about to get its volumes; whether it does is not known yet.
func (i *Instance) Claims() bool { return i.Resident && !i.Claim.Held }
