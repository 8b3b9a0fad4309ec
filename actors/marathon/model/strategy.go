package model

// Upgrade is how many instances there are while new ones replace old ones.
type Upgrade struct {
	MinimumHealthCapacity float64 `json:"minimumHealthCapacity"` // of the instances, 0 to 1: so many stay ready
	MaximumOverCapacity   float64 `json:"maximumOverCapacity"`   // of the instances, 0 to 1: so many more may be there

	CanaryInstances      int  `json:"canaryInstances,omitempty"`
	CanaryPromoteSeconds int  `json:"canaryPromoteSeconds,omitempty"`
	AutoRevert           bool `json:"autoRevert,omitempty"`
}

// UnmarshalJSON fills in the defaults.
func (u *Upgrade) UnmarshalJSON(b []byte) error {
	type plain Upgrade
	x := plain{MinimumHealthCapacity: 1, MaximumOverCapacity: 1}
	if err := inner(b, &x, "the upgrade strategy"); err != nil {
		return err
	}
	*u = Upgrade(x)
	return nil
}

// Which instances are killed first.
const (
	YoungestFirst = "YOUNGEST_FIRST"
	OldestFirst   = "OLDEST_FIRST"
)
