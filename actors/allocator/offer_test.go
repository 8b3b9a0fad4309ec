package allocator

import (
	"testing"

	"mesos/messages/resources"
)

// TestWhatIsOffered makes one framework and one agent and looks at the offer.
func TestWhatIsOffered(t *testing.T) {
	const revocable = `{"name":"cpus","type":"SCALAR","scalar":{"value":2},"revocable":{}}`
	const plain = `{"name":"cpus","type":"SCALAR","scalar":{"value":1}}`
	const refined = `{"name":"mem","type":"SCALAR","scalar":{"value":64},"reservations":[{"type":"STATIC","role":"a"},{"type":"DYNAMIC","role":"a/b"}]}`
	const shared = `{"name":"disk","type":"SCALAR","scalar":{"value":10},"shared":{},
		"reservations":[{"type":"STATIC","role":"a"}],
		"disk":{"persistence":{"id":"v"},"volume":{"container_path":"v","mode":"RW"}}}`
	tests := []struct {
		name  string
		o     Options
		role  string
		can   Capabilities
		total string
		far   bool
		want  string // "" = no offer
	}{
		{name: "all", role: "a", total: "cpus:4;mem:64;ports:[1-9];things:{x}", want: "cpus:4;mem:64;ports:[1-9];things:{x}"},
		{name: "reserved to the role", role: "a", total: "cpus:1;cpus(a):2", want: "cpus:1;cpus(a):2"},
		{name: "reserved to an ancestor", role: "a/b/c", total: "cpus:1;cpus(a):2;mem(a/b):64", want: "cpus:1;cpus(a):2;mem(a/b):64"},
		{name: "reserved to a descendant", role: "a", total: "cpus:1;cpus(a/b):2", want: "cpus:1"},
		{name: "reserved to a sibling", role: "a/b", total: "cpus:1;cpus(a/c):2", want: "cpus:1"},
		{name: "reserved to a name with the same start", role: "ab", total: "cpus:1;cpus(a):2", want: "cpus:1"},
		{name: "nothing but what others reserved", role: "a", total: "cpus(b):2", want: ""},
		{name: "minimum cpus", role: "a", total: "cpus:0.01", want: "cpus:0.01"},
		{name: "minimum mem", role: "a", total: "mem:32", want: "mem:32"},
		{name: "below both", role: "a", total: "cpus:0.009;mem:31.999;disk:1000", want: ""},
		{name: "own minimum", o: Options{MinAllocatable: []resources.Quantities{quantities("cpus:1;mem:64")}}, role: "a", total: "cpus:1;mem:63", want: ""},
		{name: "own minimum met", o: Options{MinAllocatable: []resources.Quantities{quantities("cpus:1;mem:64")}}, role: "a", total: "cpus:1;mem:64", want: "cpus:1;mem:64"},
		{name: "no minimum", o: Options{MinAllocatable: []resources.Quantities{}}, role: "a", total: "disk:1", want: "disk:1"},
		{name: "minimum counts what is reserved", role: "a", total: "cpus:0.005;cpus(a):0.005", want: "cpus:0.005;cpus(a):0.005"},
		{name: "gpus filtered", o: Options{FilterGPUResources: true}, role: "a", total: "cpus:1;gpus:1", want: ""},
		{name: "gpus for the capable", o: Options{FilterGPUResources: true}, role: "a", can: Capabilities{GPU: true}, total: "cpus:1;gpus:1", want: "cpus:1;gpus:1"},
		{name: "gpus not filtered", role: "a", total: "cpus:1;gpus:1", want: "cpus:1;gpus:1"},
		{name: "the capable get agents without gpus", o: Options{FilterGPUResources: true}, role: "a", can: Capabilities{GPU: true}, total: "cpus:1", want: "cpus:1"},
		{name: "another region", role: "a", total: "cpus:1", far: true, want: ""},
		{name: "another region for the aware", role: "a", can: Capabilities{RegionAware: true}, total: "cpus:1", far: true, want: "cpus:1"},
		{name: "revocable", role: "a", total: "[" + plain + "," + revocable + "]", want: "[" + plain + "]"},
		{name: "revocable for the capable", role: "a", can: Capabilities{Revocable: true}, total: "[" + plain + "," + revocable + "]", want: "[" + plain + "," + revocable + "]"},
		{name: "refined", role: "a/b", total: "[" + plain + "," + refined + "]", want: "[" + plain + "]"},
		{name: "refined for the capable", role: "a/b", can: Capabilities{ReservationRefinement: true}, total: "[" + plain + "," + refined + "]", want: "[" + plain + "," + refined + "]"},
		{name: "shared", role: "a", total: "[" + plain + "," + shared + "]", want: "[" + plain + "]"},
		{name: "shared for the capable", role: "a", can: Capabilities{Shared: true}, total: "[" + plain + "," + shared + "]", want: "[" + plain + "," + shared + "]"},
		{name: "shared alone", o: Options{MinAllocatable: []resources.Quantities{}}, role: "a", can: Capabilities{Shared: true}, total: "[" + shared + "]", want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.o)
			w.c.AddFramework(Framework{ID: "f", Roles: []string{tt.role}, Capabilities: tt.can}, true, nil)
			w.c.AddAgent(Agent{ID: "S0", Total: res(tt.total), Remote: tt.far}, nil)
			if tt.want == "" {
				w.expect()
				return
			}
			o := w.expect("f/" + tt.role + " S0 " + tt.want)[0]
			for r := range o.Resources.All() {
				if got := r.AllocationRole(); got != tt.role {
					t.Errorf("got %s allocated to %q, want %q", r.Name(), got, tt.role)
				}
			}
			w.expect()
			w.giveBack(o)
			w.expect("f/" + tt.role + " S0 " + tt.want)
		})
	}
}

// TestSharedVolume: two frameworks may hold a shared volume at a time, and it
// may come back more than once.
func TestSharedVolume(t *testing.T) {
	w := newWorld(t, Options{})
	for _, id := range []string{"f1", "f2"} {
		w.c.AddFramework(Framework{ID: id, Roles: []string{"a"}, Capabilities: Capabilities{Shared: true}}, true, nil)
	}
	volume := `{"name":"disk","type":"SCALAR","scalar":{"value":10},"shared":{},"reservations":[{"type":"STATIC","role":"a"}],
		"disk":{"persistence":{"id":"v"},"volume":{"container_path":"v","mode":"RW"}}}`
	cpus := func(n string) string { return `{"name":"cpus","type":"SCALAR","scalar":{"value":` + n + `}}` }
	w.agent("S0", "["+cpus("2")+","+volume+"]")
	o1 := w.expect("f1/a S0 [" + cpus("2") + "," + volume + "]")[0]
	w.giveBack(o1, "cpus:1")
	o2 := w.expect("f2/a S0 [" + cpus("1") + "," + volume + "]")[0]
	w.giveBack(o1, "["+volume+"]")
	w.giveBack(o2)
	w.check()
	w.giveBack(o1, "cpus:1")
	w.expect("f1/a S0 [" + cpus("2") + "," + volume + "]")
}

func TestReservedAndRestGoToTheirOwners(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.framework("f2", "b")
	w.framework("f3", "a/c")
	w.agent("S0", "cpus:1;cpus(a):2;cpus(b):3;cpus(a/c):4")
	w.expect(
		"f1/a S0 cpus:1;cpus(a):2",
		"f2/b S0 cpus(b):3",
		"f3/a/c S0 cpus(a/c):4",
	)
}

// Agents that are alike but for where their volumes are seen are offered each with its own.
func TestVolumesStayWithTheirAgents(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f", "a")
	paths := map[string]string{"S0": "here", "S1": "there", "S2": "here"}
	for _, id := range sortedKeys(paths) {
		w.agent(id, `[{"name":"cpus","type":"SCALAR","scalar":{"value":1}},{"name":"disk","type":"SCALAR","scalar":{"value":10},
			"reservations":[{"type":"STATIC","role":"a"}],
			"disk":{"persistence":{"id":"v"},"volume":{"container_path":"`+paths[id]+`","mode":"RW"}}}]`)
	}
	for range 2 {
		offers := w.allocate()
		if len(offers) != len(paths) {
			t.Fatalf("got %d offers, want %d", len(offers), len(paths))
		}
		for _, o := range offers {
			for e := range o.Resources.All() {
				if got, want := e.Disk().GetVolume().GetContainerPath(), paths[o.AgentID]; e.Disk() != nil && got != want {
					t.Errorf("the volume of agent %s is offered at %q, want %q", o.AgentID, got, want)
				}
			}
			w.giveBack(o)
		}
	}
}
