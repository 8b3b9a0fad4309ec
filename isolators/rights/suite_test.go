package rights

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSuite(t *testing.T) {
	for name, make := range map[string]func() isolators.Isolator{
		"linux/capabilities": func() isolators.Isolator { return &Capabilities{} },
		"linux/nnp":          func() isolators.Isolator { return &NNP{} },
		"linux/devices":      func() isolators.Isolator { return &Devices{} },
	} {
		t.Run(name, func(t *testing.T) {
			isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator {
				i := make()
				if i.Name() != name {
					t.Errorf("name: got %s, want %s", i.Name(), name)
				}
				return i
			}})
		})
	}
}

func set(of ...v1.CapabilityInfo_Capability) *v1.CapabilityInfo {
	return &v1.CapabilityInfo{Capabilities: of}
}

func TestCapabilities(t *testing.T) {
	chown, raw := v1.CapabilityInfo_CHOWN, v1.CapabilityInfo_NET_RAW
	for name, c := range map[string]struct {
		agent *Capabilities
		info  *v1.LinuxInfo
		want  *boot.Capabilities
		err   string
	}{
		"nobody says":               {},
		"the agent's default":       {agent: &Capabilities{effective: set(raw)}, want: &boot.Capabilities{Effective: 1 << 13, Bounding: 1 << 13}},
		"the agent's bounds":        {agent: &Capabilities{bounding: set(raw)}, want: &boot.Capabilities{Effective: 1 << 13, Bounding: 1 << 13}},
		"the container's":           {agent: &Capabilities{effective: set(raw)}, info: &v1.LinuxInfo{EffectiveCapabilities: set(chown)}, want: &boot.Capabilities{Effective: 1, Bounding: 1}},
		"none":                      {info: &v1.LinuxInfo{EffectiveCapabilities: set()}, want: &boot.Capabilities{}},
		"the old name":              {info: &v1.LinuxInfo{CapabilityInfo: set(chown)}, want: &boot.Capabilities{Effective: 1, Bounding: 1}},
		"bounds beyond the agent's": {agent: &Capabilities{bounding: set(raw)}, info: &v1.LinuxInfo{BoundingCapabilities: set(chown)}, err: "bounding_capabilities: want no more"},
		"beyond the bounds":         {info: &v1.LinuxInfo{EffectiveCapabilities: set(chown), BoundingCapabilities: set(raw)}, err: "effective_capabilities: want no more"},
		"no such":                   {info: &v1.LinuxInfo{EffectiveCapabilities: set(3)}, err: "effective_capabilities: capability 3: want"},
	} {
		l := &boot.Launch{}
		p := c.agent
		if p == nil {
			p = &Capabilities{}
		}
		err := p.Prepare(t.Context(), isolators.Container{ID: "c", Info: &v1.ContainerInfo{LinuxInfo: c.info}}, l)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: got %v, want an error with %q", name, err, c.err)
			}
		case err != nil || (l.Capabilities == nil) != (c.want == nil) || c.want != nil && *l.Capabilities != *c.want:
			t.Errorf("%s: got %v, %v, want %v", name, l.Capabilities, err, c.want)
		}
	}
}

// TestBadCapabilities are defaults that no container could be launched with.
func TestBadCapabilities(t *testing.T) {
	for _, c := range []struct {
		effective, bounding *v1.CapabilityInfo
		want                string
	}{
		{set(v1.CapabilityInfo_CHOWN), set(v1.CapabilityInfo_CHOWN, v1.CapabilityInfo_KILL), ""},
		{nil, set(v1.CapabilityInfo_KILL), ""},
		{set(v1.CapabilityInfo_UNKNOWN), nil, "flag --effective_capabilities: capability UNKNOWN: want"},
		{nil, set(v1.CapabilityInfo_UNKNOWN), "flag --bounding_capabilities: capability UNKNOWN: want"},
		{set(v1.CapabilityInfo_CHOWN), set(v1.CapabilityInfo_KILL), "flag --effective_capabilities: want no more than --bounding_capabilities"},
	} {
		_, err := NewCapabilities(c.effective, c.bounding)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v within %v: got %v, want %q", c.effective, c.bounding, err, c.want)
		}
	}
}
