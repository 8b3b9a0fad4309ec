package oci

import (
	"strings"
	"testing"

	"mesos/isolators/cgroup"
)

// crun is run where it finds no controllers of version 2 beside those of version 1,
// for each of its commands; elsewhere, and any other runtime, as it is.
func TestSuit(t *testing.T) {
	v1 := map[string]string{"memory": "/cg/memory"}
	for _, c := range []struct {
		path   string
		layout cgroup.Layout
		hides  bool
	}{
		{"/bin/crun", cgroup.Layout{V1: v1, V2: "/cg/unified", V2Controllers: []string{"hugetlb"}}, true},
		{"/bin/crun", cgroup.Layout{V1: v1, V2: "/cg/unified"}, false},
		{"/bin/crun", cgroup.Layout{V2: "/cg", V2Controllers: []string{"memory"}}, false},
		{"/bin/runc", cgroup.Layout{V1: v1, V2: "/cg/unified", V2Controllers: []string{"hugetlb"}}, false},
	} {
		m := &Maker{Path: c.path, Root: "/state"}
		if err := m.Suit(&c.layout); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(m.command("delete"), " ")
		if hides := strings.Contains(got, " sh /cg/unified "+c.path); hides != c.hides || !strings.HasSuffix(got, c.path+" --root /state delete") {
			t.Errorf("%s with %+v: got %q, want it to hide version 2: %v", c.path, c.layout, got, c.hides)
		}
	}
}
