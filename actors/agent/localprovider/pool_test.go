package localprovider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func attribute(name, text string, mb float64) *v1.Attribute {
	if text != "" {
		return &v1.Attribute{Name: &name, Type: v1.Value_TEXT.Enum(), Text: &v1.Value_Text{Value: &text}}
	}
	return &v1.Attribute{Name: &name, Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: &mb}}
}

func directoryInfo(list ...*v1.Attribute) *v1.ResourceProviderInfo {
	return &v1.ResourceProviderInfo{Type: proto.String(DirectoryType), Name: proto.String("p"), Attributes: list}
}

func TestDirectoryConfig(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path, size := attribute("path", dir, 0), attribute("size_mb", "", 100)
	plugin := directoryInfo(path, size)
	plugin.Storage = &v1.ResourceProviderInfo_Storage{}
	for _, c := range []struct {
		name string
		info *v1.ResourceProviderInfo
		want string // part of the error, "" for none
	}{
		{"good", directoryInfo(path, size), ""},
		{"with a profile", directoryInfo(path, size, attribute("profile", "fast", 0)), ""},
		{"no path", directoryInfo(size), `path "" must be an absolute path`},
		{"relative path", directoryInfo(attribute("path", "x", 0), size), `path "x" must be an absolute path`},
		{"a path that is not there", directoryInfo(attribute("path", dir+"/none", 0), size), "no such file or directory"},
		{"a file", directoryInfo(attribute("path", file, 0), size), "is no directory"},
		{"no size", directoryInfo(path), "size_mb is missing"},
		{"a size as text", directoryInfo(path, attribute("size_mb", "big", 0)), "size_mb 0 must be a SCALAR"},
		{"a negative size", directoryInfo(path, attribute("size_mb", "", -5)), "size_mb -5 must be"},
		{"a path as number", directoryInfo(attribute("path", "", 3), size), "path must be of type TEXT"},
		{"something else", directoryInfo(path, size, attribute("colour", "red", 0)), `attributes[2].name "colour" is not known`},
		{"a plugin", plugin, "info.storage must not be set"},
	} {
		err := check(Types(), c.info)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// A size that is less than what is in use is refused, and state that cannot be read, too.
func TestDirectoryConfigAndItsState(t *testing.T) {
	dir := t.TempDir()
	p := testPool(100)
	x, err := p.plan(operationOn(p, v1.Offer_Operation_CREATE_DISK, nil, 60), []byte("uuid"))
	if err == nil {
		err = p.apply(x)
	}
	state, encErr := p.encode(false)
	if err != nil || encErr != nil {
		t.Fatal(err, encErr)
	}
	if err := os.WriteFile(filepath.Join(dir, "provider.json"), state, 0o600); err != nil {
		t.Fatal(err)
	}
	with := func(mb float64) *v1.ResourceProviderInfo {
		return directoryInfo(attribute("path", dir, 0), attribute("size_mb", "", mb))
	}
	if err := check(Types(), with(60)); err != nil {
		t.Errorf("60 MB of which 60 are made: got %v, want no error", err)
	}
	if err := check(Types(), with(59)); err == nil || !strings.Contains(err.Error(), "size 59 MB is less than the 60 MB") {
		t.Errorf("59 MB of which 60 are made: got %v, want a refusal", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "provider.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := check(Types(), with(60)); err == nil || !strings.Contains(err.Error(), "state of the pool") {
		t.Errorf("broken state: got %v, want an error that names it", err)
	}
}

func testPool(mb float64) *pool {
	return &pool{id: "p", size: resources.FromFloat(mb), profile: "fast", root: "/r", operations: map[string]*v1.Operation{}}
}

// operationOn is an operation on e, or on so many MB of storage if that is nil.
func operationOn(p *pool, t v1.Offer_Operation_Type, e *v1.Resource, mb float64) *v1.Offer_Operation {
	if e == nil {
		s, err := p.storage(resources.FromFloat(mb))
		if err != nil || s.IsEmpty() {
			panic(fmt.Sprint("no storage: ", err))
		}
		e = s.Proto()[0]
	}
	op := &v1.Offer_Operation{Type: t.Enum()}
	reserved := proto.CloneOf(e)
	reserved.Reservations = append(reserved.Reservations, &v1.Resource_ReservationInfo{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String("a")})
	switch t {
	case v1.Offer_Operation_RESERVE:
		op.Reserve = &v1.Offer_Operation_Reserve{Resources: []*v1.Resource{reserved}}
	case v1.Offer_Operation_UNRESERVE:
		op.Unreserve = &v1.Offer_Operation_Unreserve{Resources: []*v1.Resource{e}}
	case v1.Offer_Operation_CREATE_DISK:
		op.CreateDisk = &v1.Offer_Operation_CreateDisk{Source: e, TargetType: v1.Resource_DiskInfo_Source_MOUNT.Enum()}
	case v1.Offer_Operation_DESTROY_DISK:
		op.DestroyDisk = &v1.Offer_Operation_DestroyDisk{Source: e}
	}
	return op
}

// Whatever is done to a pool, it has what it had at first, all disks are known, and its state can be written and read.
func TestPoolModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := testPool(100)
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			total, err := p.total()
			if err != nil {
				t.Fatal(err)
			}
			entries := total.Proto()
			e := entries[rapid.IntRange(0, len(entries)-1).Draw(t, "entry")]
			if e.GetDisk().GetSource().Id == nil {
				e.Scalar.Value = proto.Float64(float64(rapid.IntRange(1, int(e.GetScalar().GetValue())).Draw(t, "MB")))
			}
			kind := rapid.SampledFrom([]v1.Offer_Operation_Type{
				v1.Offer_Operation_RESERVE, v1.Offer_Operation_UNRESERVE, v1.Offer_Operation_CREATE_DISK, v1.Offer_Operation_DESTROY_DISK,
			}).Draw(t, "type")
			before := p.made
			x, err := p.plan(operationOn(p, kind, e, 0), fmt.Appendf(nil, "uuid %d", step))
			if err == nil {
				err = p.check(x)
			}
			if err == nil {
				err = p.apply(x)
			}
			if err != nil && !p.made.Equal(before) {
				t.Fatalf("%v failed by %v and changed %v to %v", kind, err, before, p.made)
			}
			now, err := p.total()
			if err != nil || now.Scalar("disk") != p.size {
				t.Fatalf("after %v: total %v, %v, want %v MB", kind, now, err, p.size)
			}
			disks := 0
			for e := range now.All() {
				if e.Disk().GetSource().GetMount() != nil {
					disks++
				}
			}
			if got := len(p.diskIDs()); got != disks {
				t.Fatalf("%d disks are known, want %d: %v", got, disks, now)
			}
		}
		state, err := p.encode(false)
		if err != nil {
			t.Fatal(err)
		}
		q := testPool(100)
		if gone, err := q.decode(state); err != nil || gone || !q.made.Equal(p.made) || q.id != p.id {
			t.Fatalf("read again: %v of %q, gone %v, %v, want %v of %q", q.made, q.id, gone, err, p.made, p.id)
		}
		if err := q.rename("q"); err != nil || q.made.OfProvider("q").Scalar("disk") != p.made.Scalar("disk") {
			t.Fatalf("renamed: %v, %v, want as much of provider q as %v", q.made, err, p.made)
		}
	})
}

func TestPoolRefuses(t *testing.T) {
	p := testPool(100)
	block := operationOn(p, v1.Offer_Operation_CREATE_DISK, nil, 10)
	block.CreateDisk.TargetType = v1.Resource_DiskInfo_Source_BLOCK.Enum()
	storage, err := p.storage(resources.FromFloat(10))
	if err != nil {
		t.Fatal(err)
	}
	stranger := storage.Proto()[0]
	stranger.Disk = &v1.Resource_DiskInfo{Source: &v1.Resource_DiskInfo_Source{Type: v1.Resource_DiskInfo_Source_MOUNT.Enum(), Id: proto.String("x")}}
	for _, c := range []struct {
		name string
		op   *v1.Offer_Operation
		want string
	}{
		{"block", block, "create_disk.target_type BLOCK must be MOUNT or PATH"},
		{"too much", operationOn(p, v1.Offer_Operation_CREATE_DISK, nil, 101), "is needed and not there"},
		{"a stranger's disk", operationOn(p, v1.Offer_Operation_DESTROY_DISK, stranger, 0), "must be the whole disk"},
	} {
		x, err := p.plan(c.op, []byte("uuid"))
		if err == nil {
			err = p.check(x)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// Disks are directories; what is done to them can be done again.
func TestFileDisks(t *testing.T) {
	dir := t.TempDir()
	p, _, err := directoryConfig{path: dir, profile: "fast", size: resources.FromFloat(10)}.open(directoryInfo())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.disks.Make("d"); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.disks.There("d"); err != nil {
		t.Errorf("the disk that was made: got %v, want that it is there", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "disks", "d", "data"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.disks.Remove("d"); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.disks.There("d"); err == nil {
		t.Error("the disk that was removed is there")
	}
	if state, err := p.disks.Load(); state != nil || err != nil {
		t.Errorf("state %q, %v of a new pool, want none", state, err)
	}
	if err := p.disks.Save([]byte("state")); err != nil {
		t.Fatal(err)
	}
	if state, err := p.disks.Load(); string(state) != "state" || err != nil {
		t.Errorf("state %q, %v, want what was saved", state, err)
	}
}
