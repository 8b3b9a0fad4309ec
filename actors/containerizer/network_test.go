package containerizer

import (
	"errors"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

// TestNoNetworks launches containers that ask for networks where nobody gives any: they must
// not find themselves in that of the machine, unless that is what they ask for.
func TestNoNetworks(t *testing.T) {
	p := newPosix(t)
	c := config(t, "c", shell("true"))
	name := "wire"
	c.Info = &v1.ContainerInfo{NetworkInfos: []*v1.NetworkInfo{{}, {Name: &name}}}
	_, err := p.Launch(t.Context(), c)
	var failed *LaunchError
	if !errors.As(err, &failed) || failed.Step != StepPrepare || !strings.Contains(err.Error(), `container.network_infos[1].name: unknown network "wire"`) {
		t.Errorf("got %v, want an error about the network", err)
	}
	c = config(t, "c", shell("true"))
	c.Info = &v1.ContainerInfo{NetworkInfos: []*v1.NetworkInfo{{}}}
	if e := run(t, p, c); e.Status != 0 || p.Networks("c") != nil {
		t.Errorf("network of the machine: got %+v, want status 0", e)
	}
}
