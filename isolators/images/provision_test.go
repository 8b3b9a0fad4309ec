package images

import (
	"archive/tar"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"
)

func provisionerOf(t testing.TB, s *Store, work, backend string) *Provisioner {
	t.Helper()
	p, err := NewProvisioner(s, work, backend)
	if err != nil {
		t.Skip(err)
	}
	return p
}

// seen lists what a container finds in a root: of an overlay within a mount
// namespace of its own.
func seen(t *testing.T, r *Root) string {
	t.Helper()
	script := `cd "$0" && find . -mindepth 1 -printf '%P %y %m %U:%G %n %l\n'`
	for _, m := range r.Mounts("/", false) {
		script = "mount -t overlay -o '" + m.Data + `' overlay "$0" && ` + script
	}
	cmd := exec.Command("sh", "-c", script, r.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

// TestBackends has both make the same of layers that hide, replace and link.
func TestBackends(t *testing.T) {
	shop := openShop(t)
	shop.offer(t, "app", imageWith(t, gcr.Config{},
		layerOf(t, dir("a"), file("a/gone", "1"), file("a/stays", "1"), dir("b"), file("b/old", "1"), file("c", "file"), dir("d"), file("d/x", "1"), dir("e"), file("e/x", "1")),
		layerOf(t, file("a/.wh.gone", ""), file("b/.wh..wh..opq", ""), file("b/new", "2"), dir("c"), file("c/in", "2"),
			file("d", "a file now"), file(".wh.e", ""), dir("e"), file("e/y", "2"), hard("twin", "b/new"), link("far", "/etc/passwd"),
			e{tar.Header{Name: "suid", Typeflag: tar.TypeReg, Mode: 0o4711, Uid: 3, Gid: 4}, "x"}),
	))
	s := storeOf(t, Options{Registry: shop.url})
	want := strings.Join([]string{
		"a d 755 0:0 2 ", "a/stays f 644 0:0 1 ", "b d 755 0:0 2 ", "b/new f 644 0:0 2 ", "c d 755 0:0 2 ", "c/in f 644 0:0 1 ", "d f 644 0:0 1 ",
		"e d 755 0:0 2 ", "e/y f 644 0:0 1 ", "far l 777 0:0 1 /etc/passwd", "suid f 4711 3:4 1 ", "twin f 644 0:0 2 ",
	}, "\n")
	// Overlay counts a merged directory's names as 1.
	plain := func(list string) string {
		lines := strings.Split(list, "\n")
		for i, l := range lines {
			if f := strings.Split(l, " "); f[1] == "d" {
				f[4] = "n"
				lines[i] = strings.Join(f, " ")
			}
		}
		return strings.Join(lines, "\n")
	}
	for _, backend := range []string{Overlay, Copy} {
		t.Run(backend, func(t *testing.T) {
			p := provisionerOf(t, s, t.TempDir(), backend)
			r, err := p.Provision(t.Context(), "box", docker("app"))
			if err != nil {
				t.Fatal(err)
			}
			if got := plain(seen(t, r)); got != plain(want) {
				t.Errorf("got\n%s\nwant\n%s", got, plain(want))
			}
			if err := errors.Join(r.Directory("/far/in"), r.File("/a/stays")); err != nil {
				t.Fatal(err)
			}
			if got := seen(t, r); !strings.Contains(got, "far/in d") || strings.Contains(got, "far l") {
				t.Errorf("mount point where the image has a link: got\n%s", got)
			}
			if err := p.Remove("box"); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(p.path("box")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("after Remove: got %v, want nothing there", err)
			}
		})
	}
}

// TestManyLayers is an image that one mount cannot name.
func TestManyLayers(t *testing.T) {
	shop := openShop(t)
	var layers [][]byte
	for i := range 100 {
		layers = append(layers, layerOf(t, file(strconv.Itoa(i), "x")))
	}
	shop.offer(t, "app", imageWith(t, gcr.Config{}, layers...))
	s := storeOf(t, Options{Registry: shop.url})
	p := provisionerOf(t, s, t.TempDir(), "")
	r, err := p.Provision(t.Context(), "box", docker("app"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(strings.Split(seen(t, r), "\n")); n != 100 {
		t.Errorf("files: got %d, want 100", n)
	}
}

// TestRecover restarts a provisioner beside a container that lives and what is
// left of one that does not.
func TestRecover(t *testing.T) {
	shop := openShop(t)
	for _, n := range []string{"lives", "dies"} {
		shop.offer(t, n, imageWith(t, gcr.Config{}, layerOf(t, file("f", n))))
	}
	dir, work := t.TempDir(), t.TempDir()
	s := storeOf(t, Options{Dir: dir, Registry: shop.url})
	p := provisionerOf(t, s, work, "")
	for _, n := range []string{"lives", "dies"} {
		if _, err := p.Provision(t.Context(), n, docker(n)); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	s = storeOf(t, Options{Dir: dir, Registry: shop.url})
	p = provisionerOf(t, s, work, "")
	if err := p.Recover([]string{"lives"}); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(p.dir, "containers"))
	if err != nil || len(left) != 1 || left[0].Name() != "lives" {
		t.Errorf("containers: got %v, %v, want the one that lives", left, err)
	}
	if err := s.Prune(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, "layers"); n != 1 {
		t.Errorf("layers after Prune: got %d, want that of the container that lives", n)
	}
	if err := errors.Join(p.Remove("lives"), s.Prune(t.Context(), nil)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, s, "layers"); n != 0 {
		t.Errorf("layers in the end: got %d, want none", n)
	}
}

func TestUser(t *testing.T) {
	passwd := layerOf(t, dir("etc"), file("etc/passwd", "root:x:0:0::/:/bin/sh\nme:x:10:20::/:/bin/sh\n"), file("etc/group", "staff:x:30:\n"))
	for user, want := range map[string]string{
		"": "none", "me": "10:20", "10": "10:20", "99": "99:0", "me:staff": "10:30", "99:98": "99:98", "nobody": "error", "me:nobodies": "error", "-1": "error",
	} {
		shop := openShop(t)
		shop.offer(t, "app", imageWith(t, gcr.Config{User: user}, passwd, layerOf(t, file("other", ""))))
		s := storeOf(t, Options{Registry: shop.url})
		p := provisionerOf(t, s, t.TempDir(), Copy)
		r, err := p.Provision(t.Context(), "box", docker("app"))
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		switch u, err := r.User(); {
		case err != nil:
			got = "error"
		case u != nil:
			got = strconv.Itoa(u.UID) + ":" + strconv.Itoa(u.GID)
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", user, got, want)
		}
	}
}
