package containerizer

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/volume"
	"mesos/isolators"
	"mesos/isolators/catalog"
	"mesos/isolators/namespaces"
	v1 "mesos/messages/mesos/v1"
)

const remapped = "cgroups/all,filesystem/linux,docker/runtime,namespaces/pid,namespaces/ipc,namespaces/user"

var strangers = namespaces.Range{UID: 300000, GID: 400000, Size: 65536}

// newRemapped is a containerizer whose containers have user namespaces.
func newRemapped(t *testing.T, list string, o catalog.Options) *Posix {
	t.Helper()
	needLinux(t)
	o.Users, o.UsersDir = strangers, t.TempDir()
	var missing *isolators.MissingError
	u, err := namespaces.NewUser(o.Users, o.UsersDir)
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	u.Close()
	return newIsolatedBy(t, list, o)
}

// TestUserNamespace wants root of a container to be root of what is the container's,
// and nobody to the machine.
func TestUserNamespace(t *testing.T) {
	p := newRemapped(t, remapped, catalog.Options{})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "closed"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := config(t, "c", shell(`id -u; id -g; echo $(cat /proc/self/uid_map) $(cat /proc/self/gid_map)
echo text > file && mkdir dir && chown 5:6 dir && touch volume/written && stat -Lc '%u %g' dir volume
touch /etc/of-the-machine `+dir+`/closed 2>/dev/null || echo kept; cat `+dir+`/closed 2>/dev/null || echo closed
echo once more >> /dev/stdout; ulimit -n; ls -l /proc/1/exe >/dev/null 2>&1 || echo stranger; exec sleep 1000`))
	vol := t.TempDir()
	open(c.Sandbox)
	open(vol)
	c.Persistent = []volume.Mount{{Path: vol, Target: "volume", Disk: &v1.Resource_DiskInfo{Persistence: &v1.Resource_DiskInfo_Persistence{Id: proto.String("v")}}}}
	first, err := p.Launch(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	out := func() string { return read(t, c.Sandbox, "stdout") }
	eventually(t, func() bool { return strings.HasSuffix(out(), "stranger\n") || !proctree.Alive(first.PID) })
	want := "0\n0\n0 300000 65536 0 400000 65536\n5 6\n0 0\nkept\nclosed\nonce more\n"
	if got := out(); !strings.HasPrefix(got, want) {
		t.Errorf("got %s%s, want %s and that the first process is a stranger", got, read(t, c.Sandbox, "stderr"), want)
	}
	found := 0
	for _, pid := range proctree.Descendants(first.PID) {
		if status := read(t, "/proc", strconv.Itoa(pid), "status"); strings.Contains(status, "Uid:\t300000\t300000\t300000\t300000\nGid:\t400000\t400000") {
			found++
		}
	}
	if found == 0 {
		t.Error("got no process of user 300000 on the machine")
	}
	for path, id := range map[string]uint32{filepath.Join(c.Sandbox, "file"): 0, filepath.Join(c.Sandbox, "dir"): 5, filepath.Join(vol, "written"): 0} {
		var is unix.Stat_t
		if err := unix.Stat(path, &is); err != nil || is.Uid != id {
			t.Errorf("%s: got owner %d, %v, want %d, as the container sees it", path, is.Uid, err, id)
		}
	}
	session := within(c, "s", shell("id -u; readlink /proc/self/ns/user; cat "+c.Sandbox+"/file; echo $(cat /proc/self/uid_map)"))
	session.Session, session.Sandbox = true, c.Sandbox
	inner := within(c, "inner", shell("id -u; cat "+c.Sandbox+"/file; touch $MESOS_SANDBOX/mine && echo $(cat /proc/self/uid_map)"))
	for _, n := range []Config{session, inner} {
		if _, err := p.Launch(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		got := ""
		if n.Session {
			text, errs, err := all(t, attached(t, p, n.ContainerID))
			if got = text + errs; err != nil {
				t.Fatal(err)
			}
		}
		<-p.Wait(n.ContainerID)
		if !n.Session {
			got = read(t, n.Sandbox, "stdout") + read(t, n.Sandbox, "stderr")
		}
		if !strings.HasPrefix(got, "0\n") || !strings.HasSuffix(got, "text\n0 300000 65536\n") {
			t.Errorf("%s: got %s, want root of a user namespace that reads the sandbox", n.ContainerID, got)
		}
	}
	destroyed(p, "c")
}

// TestUserNamespaceUsers runs commands of users, whose ids must be among those of a container.
func TestUserNamespaceUsers(t *testing.T) {
	p := newRemapped(t, remapped, catalog.Options{})
	c := config(t, "c", shell("id -u; touch file; echo said >> /dev/stdout; ulimit -n"))
	c.User = "nobody"
	open(c.Sandbox)
	run(t, p, c)
	if got := read(t, c.Sandbox, "stdout"); !strings.HasPrefix(got, "65534\nsaid\n") {
		t.Errorf("got %s%s, want nobody of the container", got, read(t, c.Sandbox, "stderr"))
	}
	for name, id := range map[string]uint32{"file": 65534, "stdout": 65534} {
		var is unix.Stat_t
		if err := unix.Stat(filepath.Join(c.Sandbox, name), &is); err != nil || is.Uid != id {
			t.Errorf("%s: got owner %d, %v, want %d", name, is.Uid, err, id)
		}
	}
	few := &namespaces.UnmappedError{}
	u, err := namespaces.NewUser(namespaces.Range{UID: 1000, GID: 1000, Size: 1000}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	account, err := launch.LookupAccount("nobody")
	if err != nil {
		t.Fatal(err)
	}
	err = u.Prepare(t.Context(), describe(c, userOf(account)), nil)
	if !errors.As(err, &few) || few.Field != "command.user" || few.ID != 65534 {
		t.Errorf("a user beyond the range: got %v, want an UnmappedError", err)
	}
}

// TestUserNamespaceImage gives a container an image: all that is in it is its root's.
func TestUserNamespaceImage(t *testing.T) {
	if _, err := os.Stat("/bin/busybox"); err != nil {
		t.Skip(err)
	}
	p := newRemapped(t, remapped, catalog.Options{Files: withImage(t, "/bin/busybox", "escape")})
	volume := t.TempDir()
	line := `id -u; stat -c %u /made; touch /mine "$MESOS_SANDBOX/file" && stat -c %u /escape /mine / "$MESOS_SANDBOX/file" && chown 7 /escape && stat -c %u /escape; cat /proc/sys/kernel/ostype`
	c := config(t, "c", &v1.CommandInfo{Shell: proto.Bool(false), Value: proto.String("/escape"), Arguments: []string{"sh", "-c", line}})
	c.Info = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), Mesos: &v1.ContainerInfo_MesosInfo{Image: &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: proto.String("thief")}}}}
	c.Info.Volumes = []*v1.Volume{{ContainerPath: proto.String("/made/here"), HostPath: &volume, Mode: v1.Volume_RO.Enum()}} // where the image has nothing
	e := run(t, p, c)
	if got, want := read(t, c.Sandbox, "stdout"), "0\n0\n0\n0\n0\n0\n7\nLinux\n"; got != want {
		t.Errorf("got %s, %s%s, want %s", e.Message, got, read(t, c.Sandbox, "stderr"), want)
	}
}

// TestNobodyEscapesFromAUserNamespace runs what tries to get out as root of one, with
// all the rights there are in it.
func TestNobodyEscapesFromAUserNamespace(t *testing.T) {
	needLinux(t)
	o := catalog.Options{Users: strangers, UsersDir: t.TempDir()}
	newRemapped(t, remapped, o).Close()
	// The filter lets by what takes rights that it has; the kernel does nothing then,
	// as those rights are over its own namespace alone.
	byFilter := []string{
		"namespaces of one's own", "a user namespace by clone", "a program in the kernel", "the kernel's events", "faults of the kernel", "the machine's clock", "the way back to all rights",
	}
	nobodyEscapes(t, kept+",namespaces/user", o, []escapist{
		{"no rights", capable(), false, "", nil},
		{"the usual rights in an image", usual, true, "", nil},
		{"all rights", nil, false, "", byFilter},
		{"all rights in an image", nil, true, "", byFilter},
		{"a user", nil, false, "nobody", nil},
	})
}
