package isolators

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
)

// EachRLimit hands the limits of a container's rlimit_info to take, one by one, when each says both figures, or neither
// for no limit. Errors name the field; those of take are wrapped so.
func EachRLimit(info *v1.ContainerInfo, take func(*v1.RLimitInfo_RLimit) error) error {
	for n, l := range info.GetRlimitInfo().GetRlimits() {
		err := checkRLimit(l)
		if err == nil {
			err = take(l)
		}
		if err != nil {
			return fmt.Errorf("container.rlimit_info.rlimits[%d]: %w", n, err)
		}
	}
	return nil
}

func checkRLimit(l *v1.RLimitInfo_RLimit) error {
	switch {
	case (l.Soft == nil) != (l.Hard == nil):
		return fmt.Errorf("%s: want both soft and hard, or neither for no limit", l.GetType())
	case l.GetSoft() > l.GetHard():
		return fmt.Errorf("%s: soft %d is above hard %d: want at most that", l.GetType(), l.GetSoft(), l.GetHard())
	}
	return nil
}

// UnknownRLimit is the error for a type of limit that there is not.
func UnknownRLimit(l *v1.RLimitInfo_RLimit) error {
	return fmt.Errorf("type %s: want one that this system has, as in RLMT_NOFILE", l.GetType())
}
