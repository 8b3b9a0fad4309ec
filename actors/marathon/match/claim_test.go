package match

import (
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// disk is a disk beside the agent's own.
func disk(kind v1.Resource_DiskInfo_Source_Type, root string, mb float64) *v1.Resource {
	source := &v1.Resource_DiskInfo_Source{Type: &kind}
	if kind == v1.Resource_DiskInfo_Source_MOUNT {
		source.Mount = &v1.Resource_DiskInfo_Source_Mount{Root: &root}
	} else {
		source.Path = &v1.Resource_DiskInfo_Source_Path{Root: &root}
	}
	return &v1.Resource{Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: &mb}, Disk: &v1.Resource_DiskInfo{Source: source}}
}

func withDisks(t *testing.T) *Offer {
	t.Helper()
	list := append(resources.MustParse("cpus:1;mem:64;disk:100;ports:[31000-31005]").Proto(),
		disk(v1.Resource_DiskInfo_Source_PATH, "/path", 500), disk(v1.Resource_DiskInfo_Source_MOUNT, "/small", 200), disk(v1.Resource_DiskInfo_Source_MOUNT, "/large", 900))
	o, err := NewOffer(&v1.Offer{Id: &v1.OfferID{Value: proto.String("o")}, AgentId: ids.Agent("a"), Hostname: proto.String("h"), Resources: list,
		AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String("web")}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func residentSpec(t *testing.T, persistent string) *model.Spec {
	t.Helper()
	a, err := model.DecodeApp([]byte(`{"id":"/db","cmd":"x","cpus":0.5,"mem":32,"container":{"type":"MESOS","volumes":[{"containerPath":"data","mode":"RW","persistent":`+persistent+`}]}}`), model.Root, "")
	if err != nil {
		t.Fatal(err)
	}
	return &model.Spec{App: a}
}

// A volume is made of the disk that is asked for; claimed, offered again and launched on; and given back whole.
func TestClaim(t *testing.T) {
	for _, c := range []struct {
		persistent string
		root       string // of the disk; "" for the agent's own
		mb         float64
	}{
		{`{"size":60}`, "", 60},
		{`{"size":101}`, "none", 0},
		{`{"size":101,"type":"path"}`, "/path", 101},
		{`{"size":101,"type":"path","constraints":[["path","UNLIKE","/p.*"]]}`, "none", 0},
		{`{"size":101,"type":"mount"}`, "/small", 200},
		{`{"size":201,"type":"mount"}`, "/large", 900},
		{`{"size":201,"maxSize":800,"type":"mount"}`, "none", 0},
		{`{"size":101,"type":"mount","constraints":[["path","LIKE","/la.*"]]}`, "/large", 900},
	} {
		t.Run(c.persistent, func(t *testing.T) {
			o, s := withDisks(t), residentSpec(t, c.persistent)
			all := o.Left
			fit, reasons := Try(o, s, nil, rand.New(rand.NewPCG(1, 1)))
			if c.root == "none" {
				if fit != nil || len(reasons) != 1 || reasons[0] != InsufficientDisk {
					t.Fatalf("got %v, %v, want %s", fit, reasons, InsufficientDisk)
				}
				return
			}
			if fit == nil {
				t.Fatalf("got %v, want a fit", reasons)
			}
			i := &model.Instance{ID: "i", AgentID: "a", Ports: fit.Ports, Claim: &model.Claim{Volumes: Volumes(s, func() string { return "u" })}}
			reserved, volumes := Claim(i, fit, "f", "web")
			if len(volumes) != 1 || volumes[0].GetScalar().GetValue() != c.mb || volumes[0].GetDisk().GetPersistence().GetId() != "db#data#u" || volumes[0].GetDisk().GetVolume().GetContainerPath() != "data" {
				t.Fatalf("got volumes %v, want one of %v MB", volumes, c.mb)
			}
			if d := volumes[0].GetDisk().GetSource(); d.GetPath().GetRoot()+d.GetMount().GetRoot() != c.root {
				t.Errorf("got a volume of %v, want one of %q", d, c.root)
			}
			for _, op := range []*v1.Offer_Operation{
				{Type: v1.Offer_Operation_RESERVE.Enum(), Reserve: &v1.Offer_Operation_Reserve{Resources: reserved}},
				{Type: v1.Offer_Operation_CREATE.Enum(), Create: &v1.Offer_Operation_Create{Volumes: volumes}},
			} {
				o.Left = carryOut(t, o.Left, op)
			}
			claims := Claims(o, func(id string) bool { return id == "f" })
			if len(Claims(o, func(string) bool { return false })) != 0 || len(claims) != 1 {
				t.Fatalf("got claims %v, want one, of its own framework alone", claims)
			}
			launch, whole := Whole(claims["i"], s, i)
			if !whole || launch.Tasks[0].CPUs() < fit.Tasks[0].CPUs() || launch.Tasks[0].Volumes().Len() != 1 {
				t.Fatalf("got %v, %v, want all that was claimed", launch, whole)
			}
			if _, whole := Whole(claims["i"].Sub(claims["i"].Volumes()), s, i); whole {
				t.Error("what has no volume is taken for the whole")
			}
			if again, _ := Try(o, s, nil, rand.New(rand.NewPCG(1, 1))); again != nil && again.Used.Reserved().Len() > 0 {
				t.Error("another instance is given what is claimed")
			}
			destroyed, given := Leftover(claims["i"])
			o.Left = carryOut(t, o.Left, &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY.Enum(), Destroy: &v1.Offer_Operation_Destroy{Volumes: destroyed}})
			o.Left = carryOut(t, o.Left, &v1.Offer_Operation{Type: v1.Offer_Operation_UNRESERVE.Enum(), Unreserve: &v1.Offer_Operation_Unreserve{Resources: given}})
			if !o.Left.Equal(all) {
				t.Errorf("after all: got %v, want %v", o.Left, all)
			}
		})
	}
}

func carryOut(t *testing.T, r resources.Resources, op *v1.Offer_Operation) resources.Resources {
	t.Helper()
	c, err := resources.Convert(op)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = r.Apply(c); err != nil {
		t.Fatal(err)
	}
	return r
}
