package rights

import (
	"context"
	"fmt"
	"math"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Capabilities is the isolator linux/capabilities. The zero value leaves all to containers.
type Capabilities struct {
	isolators.Launching
	effective *v1.CapabilityInfo // of containers that ask for none; nil: not given
	bounding  *v1.CapabilityInfo // the most that any container can have; nil: all
}

// NewCapabilities makes one that has defaults, nil where there are none. Errors name the flag.
func NewCapabilities(effective, bounding *v1.CapabilityInfo) (*Capabilities, error) {
	e, err := bits(effective)
	if err != nil {
		return nil, fmt.Errorf("flag --effective_capabilities: %w", err)
	}
	b, err := bits(bounding)
	if err != nil {
		return nil, fmt.Errorf("flag --bounding_capabilities: %w", err)
	}
	if effective != nil && e&^b != 0 {
		return nil, fmt.Errorf("flag --effective_capabilities: want no more than --bounding_capabilities has: %v", bounding.GetCapabilities())
	}
	return &Capabilities{effective: effective, bounding: bounding}, nil
}

var _ isolators.Isolator = (*Capabilities)(nil)

// Name implements isolators.Isolator.
func (*Capabilities) Name() string { return "linux/capabilities" }

// first of the numbers of capabilities in messages: 1000 is CAP_CHOWN, which is 0.
const first = int32(v1.CapabilityInfo_CHOWN)

// bits is a set as the kernel has it; nil has all.
func bits(of *v1.CapabilityInfo) (set uint64, err error) {
	if of == nil {
		return math.MaxUint64, nil
	}
	for _, c := range of.GetCapabilities() {
		if int32(c) < first || int32(c) >= first+64 {
			return 0, fmt.Errorf("capability %s: want one that this system has, as in NET_RAW", c)
		}
		set |= 1 << (int32(c) - first)
	}
	return set, nil
}

// Prepare implements isolators.Isolator.
func (p *Capabilities) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := p.Begin(c.ID); err != nil {
		return err
	}
	info := c.Info.GetLinuxInfo()
	effective := info.GetEffectiveCapabilities()
	if effective == nil {
		effective = info.GetCapabilityInfo() // the old name
	}
	if effective == nil {
		effective = p.effective
	}
	bounding := info.GetBoundingCapabilities()
	switch {
	case bounding == nil && p.bounding != nil:
		bounding = p.bounding
	case bounding == nil:
		bounding = effective
	}
	if effective == nil && bounding != nil {
		effective = bounding
	}
	if effective == nil {
		return nil // nobody wants any less
	}
	e, err := bits(effective)
	if err != nil {
		return fmt.Errorf("container.linux_info.effective_capabilities: %w", err)
	}
	b, err := bits(bounding)
	if err != nil {
		return fmt.Errorf("container.linux_info.bounding_capabilities: %w", err)
	}
	most, err := bits(p.bounding)
	if err != nil {
		return fmt.Errorf("bounding capabilities of the agent: %w", err)
	}
	if b&^most != 0 {
		return fmt.Errorf("container.linux_info.bounding_capabilities: want no more than the agent's (--bounding_capabilities): %v", p.bounding.GetCapabilities())
	}
	if e&^b != 0 {
		return fmt.Errorf("container.linux_info.effective_capabilities: want no more than the bounding ones: %v", bounding.GetCapabilities())
	}
	l.Capabilities = &boot.Capabilities{Effective: e, Bounding: b}
	return nil
}
