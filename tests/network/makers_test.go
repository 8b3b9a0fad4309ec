package network

import (
	"os/exec"
	"testing"
)

// makers are who makes the containers of tasks of type MESOS, with the flags of an
// agent and the programs that it takes.
var makers = []struct {
	name, needs string
	flags       []string
}{
	{"mesos", "", nil},
	{"oci", "runc", []string{"--containerizers=oci"}},
	{"lxc", "lxc-execute", []string{"--containerizers=lxc"}},
}

// byEach runs a test with each of them: a task cannot tell which it is.
func byEach(t *testing.T, test func(t *testing.T, made ...string)) {
	for _, m := range makers {
		t.Run(m.name, func(t *testing.T) {
			if _, err := exec.LookPath(m.needs); m.needs != "" && err != nil {
				t.Skipf("packages runc and lxc are needed: %v", err)
			}
			test(t, m.flags...)
		})
	}
}
