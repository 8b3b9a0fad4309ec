package rights

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// ParseCapabilities reads a CapabilityInfo as JSON: {"capabilities": ["NET_RAW"]}. A name that
// is none is an error: messages leave it out, but here there would be one right less, or none.
func ParseCapabilities(text string) (*v1.CapabilityInfo, error) {
	info := &v1.CapabilityInfo{}
	if err := mesosjson.Unmarshal([]byte(text), info); err != nil {
		return nil, fmt.Errorf(`want JSON as in {"capabilities": ["NET_RAW"]}: %w`, err)
	}
	var asked struct{ Capabilities []any }
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return nil, fmt.Errorf(`want JSON as in {"capabilities": ["NET_RAW"]}: %w`, err)
	}
	for _, name := range asked.Capabilities {
		if _, known := v1.CapabilityInfo_Capability_value[fmt.Sprint(name)]; !known {
			return nil, fmt.Errorf("capability %q: want some of %s", fmt.Sprint(name), strings.Join(capabilityNames(), ", "))
		}
	}
	return info, nil
}

// capabilityNames are the good ones, in the kernel's order.
func capabilityNames() (out []string) {
	var numbers []int32
	for n := range v1.CapabilityInfo_Capability_name {
		if n >= first {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		out = append(out, v1.CapabilityInfo_Capability_name[n])
	}
	return out
}
