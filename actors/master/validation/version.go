package validation

import (
	"fmt"
	"strconv"
	"strings"
)

// OldestAgent is the oldest version of an agent that a master takes.
const OldestAgent = "1.0.0"

// AgentVersion checks the version that an agent says it has, like "1.11.0". One
// that says none is taken as it is.
func AgentVersion(version string) error {
	if version == "" {
		return nil
	}
	major, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(major)
	switch {
	case err != nil || n < 0:
		return fmt.Errorf("version %.40q is none, like %s", version, OldestAgent)
	case n < 1:
		return fmt.Errorf("version %.40q is too old: this master takes agents from %s on", version, OldestAgent)
	}
	return nil
}
