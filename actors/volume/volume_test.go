package volume

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/launch"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// made is a volume of 10 MB on a disk of the given kind.
func made(t *testing.T, role, id string, source *v1.Resource_DiskInfo_Source, shared bool) resources.Resource {
	t.Helper()
	m := &v1.Resource{
		Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(10)},
		Reservations: []*v1.Resource_ReservationInfo{{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: &role}},
		Disk: &v1.Resource_DiskInfo{
			Source: source, Persistence: &v1.Resource_DiskInfo_Persistence{Id: &id},
			Volume: &v1.Volume{Mode: v1.Volume_RW.Enum(), ContainerPath: proto.String("data")},
		},
	}
	if shared {
		m.Shared = &v1.Resource_SharedInfo{}
	}
	r, err := resources.FromProto([]*v1.Resource{m})
	if err != nil {
		t.Fatal(err)
	}
	for e := range r.All() {
		return e
	}
	t.Fatal("no volume")
	return resources.Resource{}
}

func onPath(root string) *v1.Resource_DiskInfo_Source {
	return &v1.Resource_DiskInfo_Source{Type: v1.Resource_DiskInfo_Source_PATH.Enum(), Path: &v1.Resource_DiskInfo_Source_Path{Root: &root}}
}

func onMount(root string) *v1.Resource_DiskInfo_Source {
	return &v1.Resource_DiskInfo_Source{Type: v1.Resource_DiskInfo_Source_MOUNT.Enum(), Mount: &v1.Resource_DiskInfo_Source_Mount{Root: &root}}
}

func TestLifeOfTheData(t *testing.T) {
	work, other, mount := t.TempDir(), t.TempDir(), t.TempDir()
	d := New(work)
	for _, c := range []struct {
		name   string
		source *v1.Resource_DiskInfo_Source
		path   string
	}{
		{"root", nil, filepath.Join(work, "volumes/roles/a b/v")},
		{"path", onPath(other), filepath.Join(other, "volumes/roles/a b/v")},
		{"relative path", onPath("disk2"), filepath.Join(work, "disk2/volumes/roles/a b/v")},
		{"mount", onMount(mount), mount},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := made(t, "a/b", "v", c.source, false)
			mounts, err := d.Mounts(resourcesOf(t, v))
			if err != nil || len(mounts) != 1 || mounts[0].Path != c.path || mounts[0].Target != "data" {
				t.Fatalf("mounts %+v, %v, want one of %s at data", mounts, err, c.path)
			}
			file := filepath.Join(c.path, "file")
			for range 2 { // a second time it finds what is there
				if err := d.Create(v); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.SetAside(v, "1"); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the data is still in its place: %v", err)
			}
			// The next volume of that name loses nothing to what is repeated after a crash.
			if !t.Failed() && c.source.GetType() != v1.Resource_DiskInfo_Source_MOUNT {
				if err := d.Create(v); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte("new"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := d.SetAside(v, "1"); err != nil {
					t.Fatal(err)
				}
				if text, err := os.ReadFile(file); err != nil || string(text) != "new" {
					t.Errorf("new data %q, %v, want it untouched", text, err)
				}
			}
			if err := d.Delete(v, "1"); err != nil {
				t.Fatal(err)
			}
			if err := d.SetAside(v, "2"); err != nil {
				t.Fatal(err)
			}
			if err := d.Purge(resourcesOf(t, v), nil)(); err != nil {
				t.Fatal(err)
			}
			root := filepath.Join(work, "volumes")
			if c.source != nil {
				root = diskRoot(work, v)
			}
			err = filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
				if err == nil && !e.IsDir() {
					t.Errorf("%s is left", path)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func resourcesOf(t *testing.T, v resources.Resource) resources.Resources {
	t.Helper()
	r, err := resources.FromProto([]*v1.Resource{v.Proto()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCreateOnAMountThatIsNotThere(t *testing.T) {
	d := New(t.TempDir())
	if err := d.Create(made(t, "a", "v", onMount("nowhere"), false)); err == nil {
		t.Error("a volume was made on a disk that is not there")
	}
}

func TestLink(t *testing.T) {
	data := t.TempDir()
	for _, c := range []struct {
		target string
		ok     bool
	}{
		{"data", true}, {"deep/er/data", true}, {"./data/", true},
		{"..", false}, {"../data", false}, {"a/../../data", false}, {".", false}, {"/etc/data", false}, {"trap/data", false}, {"file/data", false}, {"file", false},
	} {
		box := t.TempDir()
		if err := errors.Join(os.Symlink(t.TempDir(), filepath.Join(box, "trap")), os.WriteFile(filepath.Join(box, "file"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			err := Link(box, Mount{Path: data, Target: c.target}, nil)
			if (err == nil) != c.ok {
				t.Errorf("%q: %v, want it linked: %v", c.target, err, c.ok)
			}
		}
		if to, err := os.Readlink(filepath.Join(box, c.target)); c.ok && (err != nil || to != data) {
			t.Errorf("%q leads to %q, %v, want %q", c.target, to, err, data)
		}
	}
	box := t.TempDir()
	if err := Link(box, Mount{Path: data, Target: filepath.Join(box, "data")}, nil); err != nil {
		t.Errorf("absolute path in the sandbox: %v", err)
	}
	if err := Link(t.TempDir(), Mount{Path: filepath.Join(data, "none"), Target: "data"}, nil); err == nil {
		t.Error("a volume without data was linked")
	}
}

func TestLinkGivesTheData(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	owner := func(path string) uint32 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Uid
	}
	one, two := &launch.Account{UID: 1001, GID: 1001}, &launch.Account{UID: 1002, GID: 1002}
	for _, shared := range []bool{false, true} {
		m := Mount{Path: t.TempDir(), Target: "sub/data", Shared: shared}
		box := t.TempDir()
		if err := Link(box, m, one); err != nil {
			t.Fatal(err)
		}
		if got := owner(m.Path); got != 1001 || owner(filepath.Join(box, "sub")) != 1001 {
			t.Errorf("owner %d, want the first user", got)
		}
		if err := Link(t.TempDir(), m, two); err != nil {
			t.Fatal(err)
		}
		want := uint32(1002)
		if shared {
			want = 1001
		}
		if got := owner(m.Path); got != want {
			t.Errorf("shared %v: owner %d after a second user, want %d", shared, got, want)
		}
	}
}
