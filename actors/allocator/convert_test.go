package allocator

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

const (
	reserved10 = `[{"name":"disk","type":"SCALAR","scalar":{"value":10},"reservations":[{"type":"DYNAMIC","role":"a"}]}]`
	volume10   = `[{"name":"disk","type":"SCALAR","scalar":{"value":10},"reservations":[{"type":"DYNAMIC","role":"a"}],
		"disk":{"persistence":{"id":"v"},"volume":{"container_path":"v","mode":"RW"}}}]`
	shared10 = `[{"name":"disk","type":"SCALAR","scalar":{"value":10},"reservations":[{"type":"DYNAMIC","role":"a"}],"shared":{},
		"disk":{"persistence":{"id":"v"},"volume":{"container_path":"v","mode":"RW"}}}]`
)

func TestConvertOfWhatIsHeld(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f", "a")
	w.agent("s", "cpus:4;mem:1024;disk:100")
	o := w.expect("f/a s cpus:4;mem:1024;disk:100")[0]
	space, reserved, volume := res("disk:10"), res(reserved10), res(volume10)
	w.c.Convert("f", "s", space.Allocate("a"), reserved.Allocate("a"))
	w.check()
	w.c.Convert("f", "s", reserved.Allocate("a"), volume.Allocate("a"))
	w.check()
	// It gives back what it holds now, and another framework of another role
	// gets what is not reserved.
	w.c.Recover("f", "s", o.Resources.Unallocate().Sub(space).Add(volume).Allocate("a"), &Refuse{Seconds: 3600}, w.now)
	w.framework("g", "b")
	w.expect("g/b s cpus:4;mem:1024;disk:90")
	if got, want := w.c.agents["s"].Total, res("cpus:4;mem:1024;disk:90").Add(volume); !got.Equal(want) {
		t.Errorf("total %v, want %v", got, want)
	}
}

func TestConvertShared(t *testing.T) {
	w := newWorld(t, Options{})
	sharing := Framework{ID: "f", Roles: []string{"a"}, Capabilities: Capabilities{Shared: true}}
	w.c.AddFramework(sharing, true, nil)
	w.agent("s", "cpus:4;mem:1024;disk:10")
	w.expect("f/a s cpus:4;mem:1024;disk:10")
	w.c.Convert("f", "s", res("disk:10").Allocate("a"), res(reserved10).Allocate("a"))
	w.c.Convert("f", "s", res(reserved10).Allocate("a"), res(shared10).Allocate("a"))
	w.check()
	// Nobody holds the volume any more: it is offered to others beside what is free.
	w.c.Recover("f", "s", res("cpus:2;mem:512").Allocate("a"), &Refuse{Seconds: 3600}, w.now)
	sharing.ID = "g"
	w.c.AddFramework(sharing, true, nil)
	got := w.allocate()
	if len(got) != 1 || !got[0].Resources.Unallocate().Equal(res("cpus:2;mem:512").Add(res(shared10))) {
		t.Fatalf("offered %v, want the free half and the shared volume", got)
	}
	w.c.Convert("f", "s", res(shared10).Allocate("a"), res(reserved10).Allocate("a"))
	w.check()
	w.c.Recover("f", "s", res(reserved10).Allocate("a"), nil, w.now)
	w.check()
}

func TestConvertOfMoreThanIsHeldPanics(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f", "a")
	w.agent("s", "cpus:4;mem:1024;disk:5")
	w.allocate()
	defer func() {
		if r := recover(); r == nil || !strings.Contains(r.(string), "more than it holds") {
			t.Errorf("panic %v, want one about more than is held", r)
		}
	}()
	w.c.Convert("f", "s", res("disk:10").Allocate("a"), res(reserved10).Allocate("a"))
}

func TestConvertAvailable(t *testing.T) {
	w := newWorld(t, Options{})
	w.agent("s", "cpus:4;mem:1024;disk:100")
	if err := w.c.ConvertAvailable("gone", res("disk:10"), res(reserved10)); err == nil {
		t.Error("an agent that is not known: no error")
	}
	if err := w.c.ConvertAvailable("s", res("disk:10"), res(reserved10)); err != nil {
		t.Fatal(err)
	}
	w.check()
	w.framework("f", "b")
	w.expect("f/b s cpus:4;mem:1024;disk:90")
	if err := w.c.ConvertAvailable("s", res("disk:10"), res(reserved10)); err == nil {
		t.Error("what is offered was converted")
	}
	if err := w.c.ConvertAvailable("s", res(reserved10), res(volume10)); err != nil {
		t.Error(err)
	}
	w.check()
}

// TestConvertModel is TestModel with conversions among the events.
func TestConvertModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := NewPolicy("hierarchical", PolicyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d := &driver{t: t, c: NewCore(Options{}, p), n: newNaive(Options{}), now: start}
		for range rapid.IntRange(10, 80).Draw(t, "steps") {
			d.step()
			if rapid.Bool().Draw(t, "convert") {
				d.convert()
			}
			if err := d.c.Check(); err != nil {
				t.Fatalf("after a conversion: %v", err)
			}
		}
	})
}

// convert reserves, or frees, part of what a client holds or of what nobody does.
func (d *driver) convert() {
	a := d.someAgent()
	if a == nil {
		return
	}
	if rapid.Bool().Draw(d.t, "available") {
		from := d.drawPart(a.free())
		to := d.otherwise(from)
		err := d.c.ConvertAvailable(a.ID, from, to)
		if can := a.free().Contains(from) && a.Total.Contains(from); (err == nil) != can {
			d.t.Fatalf("ConvertAvailable of %v: %v; %v is free of %v", from, err, a.free(), a.Total)
		} else if can {
			a.Total = a.Total.Sub(from).Add(to)
		}
		return
	}
	if len(a.held) == 0 {
		return
	}
	cl := rapid.SampledFrom(sortedClients(a.held)).Draw(d.t, "client")
	from := d.drawPart(a.held[cl])
	if from.IsEmpty() {
		return
	}
	to := d.otherwise(from)
	d.c.Convert(cl.Framework, a.ID, from.Allocate(cl.Role), to.Allocate(cl.Role))
	d.n.unhold(a, cl, from)
	d.n.hold(a, cl, to)
	if a.Total.Contains(from) {
		a.Total = a.Total.Sub(from).Add(to)
	}
}

// otherwise is r reserved to a role if it was not, and free if it was.
func (d *driver) otherwise(r resources.Resources) resources.Resources {
	role := rapid.SampledFrom([]string{"a", "a/b", "e"}).Draw(d.t, "reserved to")
	var ms []*v1.Resource
	for _, m := range r.Proto() {
		free := len(m.Reservations) == 0
		m.Reservations = nil
		if free && m.Disk == nil && m.Revocable == nil {
			m.Reservations = []*v1.Resource_ReservationInfo{{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String(role)}}
		}
		ms = append(ms, m)
	}
	out, err := resources.FromProto(ms)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}
