package oci

import "mesos/isolators"

// blockIO is what of a specification is about disks.
type blockIO struct {
	Weight     uint16     `json:"weight,omitempty"`
	ReadBytes  []throttle `json:"throttleReadBpsDevice,omitempty"`
	WriteBytes []throttle `json:"throttleWriteBpsDevice,omitempty"`
	ReadOps    []throttle `json:"throttleReadIOPSDevice,omitempty"`
	WriteOps   []throttle `json:"throttleWriteIOPSDevice,omitempty"`
}

// throttle bounds the access to one disk, per second.
type throttle struct {
	Major uint32 `json:"major"`
	Minor uint32 `json:"minor"`
	Rate  uint64 `json:"rate"`
}

// blockIOOf is nil where nothing is asked for.
func blockIOOf(weight uint16, limits []isolators.IOLimit) *blockIO {
	if weight == 0 && len(limits) == 0 {
		return nil
	}
	b := &blockIO{Weight: weight}
	for _, l := range limits {
		for _, one := range []struct {
			to   *[]throttle
			rate uint64
		}{{&b.ReadBytes, l.ReadBytes}, {&b.WriteBytes, l.WriteBytes}, {&b.ReadOps, l.ReadOps}, {&b.WriteOps, l.WriteOps}} {
			if one.rate > 0 {
				*one.to = append(*one.to, throttle{l.Major, l.Minor, one.rate})
			}
		}
	}
	return b
}
