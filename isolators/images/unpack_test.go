package images

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestUnpackStaysWithin unpacks layers that try to get out of their directory.
func TestUnpackStaysWithin(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can unpack images")
	}
	outside := t.TempDir()
	victim := filepath.Join(outside, "victim")
	for name, layer := range map[string][]e{
		"dots":                       {file("../../../../../.."+victim, "changed")},
		"absolute":                   {file(victim, "changed")},
		"through a link":             {link("a", outside), file("a/victim", "changed")},
		"through a relative link":    {link("a", "../../../../../../.."+outside), file("a/victim", "changed")},
		"over a link":                {link("victim", victim), file("victim", "changed")},
		"through a chain":            {link("a", "b"), link("b", outside), file("a/victim", "changed")},
		"through a hard link":        {hard("a", victim), file("a", "changed")},
		"hard link through a link":   {link("a", outside), hard("b", "a/victim"), file("b", "changed")},
		"owner of a link's target":   {link("a", victim), {tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Linkname: victim, Uid: 99}, ""}},
		"whiteout of the outside":    {link("a", outside), file("a/.wh.victim", "")},
		"whiteout of dots":           {file(".wh...", ""), file(".wh..", "")},
		"directory through a link":   {link("a", outside), dir("a/victim"), dir("a")},
		"opaque outside":             {link("a", outside), file("a/.wh..wh..opq", "")},
		"attributes through a link":  {link("a", victim), {tar.Header{Name: "a", Typeflag: tar.TypeSymlink, Linkname: victim, PAXRecords: map[string]string{"SCHILY.xattr.user.x": "y"}}, ""}},
		"redirect of overlay":        {{tar.Header{Name: "d", Typeflag: tar.TypeDir, Mode: 0o755, PAXRecords: map[string]string{"SCHILY.xattr.trusted.overlay.redirect": "/etc"}}, ""}},
		"magic link":                 {link("a", "/proc/self/root"), file("a"+victim, "changed")},
		"link put in place of a dir": {dir("a"), link("a", outside), file("a/victim", "changed")},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(victim, []byte("whole"), 0o600); err != nil {
				t.Fatal(err)
			}
			at := t.TempDir()
			_ = unpack(t.Context(), bytes.NewReader(layerOf(t, layer...)), at) // refused, or done within
			if got, err := os.ReadFile(victim); err != nil || string(got) != "whole" {
				t.Errorf("file outside: got %q, %v, want it whole", got, err)
			}
			info, err := os.Stat(victim)
			if err != nil {
				t.Fatal(err)
			}
			if st := info.Sys().(*syscall.Stat_t); st.Uid != 0 || st.Nlink != 1 {
				t.Errorf("file outside: got owner %d and %d names, want root and one", st.Uid, st.Nlink)
			}
			if n, _ := unix.Lgetxattr(filepath.Join(at, "d"), "trusted.overlay.redirect", make([]byte, 64)); n > 0 {
				t.Error("a layer has an attribute of overlay")
			}
			if n, _ := unix.Lgetxattr(outside, opaqueXattr, make([]byte, 8)); n > 0 {
				t.Error("the directory outside became opaque")
			}
			if list, _ := os.ReadDir(outside); len(list) != 1 {
				t.Errorf("directory outside: got %v, want what was there", list)
			}
		})
	}
}

func TestUnpackDevices(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can unpack images")
	}
	for _, c := range []struct {
		name string
		kind byte
		want error
	}{
		{"disk", tar.TypeBlock, ErrDevice},
		{"etc/../disk", tar.TypeBlock, ErrDevice},
		{"usr/mem", tar.TypeChar, ErrDevice},
		{"dev/sda", tar.TypeBlock, nil},
	} {
		at := t.TempDir()
		err := unpack(t.Context(), bytes.NewReader(layerOf(t, dir("etc"), e{tar.Header{Name: c.name, Typeflag: c.kind, Devmajor: 8, Devminor: 1}, ""})), at)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
		if _, err := os.Lstat(filepath.Join(at, c.name)); err == nil {
			t.Errorf("%s is there", c.name)
		}
	}
}

// TestUnpackKeeps looks at what a layer says of its files.
func TestUnpackKeeps(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can unpack images")
	}
	at := t.TempDir()
	capability := "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" // cap_net_bind_service
	layer := layerOf(t,
		dir("usr"), link("lib", "usr"), file("lib/through", "a link"), file("deep/er/file", "x"),
		e{tar.Header{Name: "su", Typeflag: tar.TypeReg, Mode: 0o4755, Uid: 7, Gid: 8, PAXRecords: map[string]string{"SCHILY.xattr.security.capability": capability}}, "su"},
		hard("su2", "su"), e{tar.Header{Name: "pipe", Typeflag: tar.TypeFifo, Mode: 0o600}, ""},
		file("gone/.wh.file", ""), file("empty/.wh..wh..opq", ""), file("twice", "1"), file("twice", "2"),
	)
	if err := unpack(t.Context(), bytes.NewReader(layer), at); err != nil {
		t.Fatal(err)
	}
	stat := func(p string) (is unix.Stat_t) {
		t.Helper()
		if err := unix.Lstat(filepath.Join(at, p), &is); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		return is
	}
	if got := readAll(t, filepath.Join(at, "usr/through")); got != "a link" {
		t.Errorf("file through a link of the layer: got %q", got)
	}
	if got := readAll(t, filepath.Join(at, "twice")); got != "2" {
		t.Errorf("file that is there twice: got %q, want the later", got)
	}
	su := stat("su")
	if su.Mode&0o7777 != 0o4755 || su.Uid != 7 || su.Gid != 8 || su.Nlink != 2 || su.Ino != stat("su2").Ino {
		t.Errorf("su: got mode %o, owner %d:%d, %d names, want 4755, 7:8, 2", su.Mode&0o7777, su.Uid, su.Gid, su.Nlink)
	}
	if n, err := unix.Lgetxattr(filepath.Join(at, "su"), "security.capability", make([]byte, 64)); n != len(capability) {
		t.Errorf("capability of su: got %d bytes, %v, want %d", n, err, len(capability))
	}
	if is := stat("pipe"); is.Mode&unix.S_IFMT != unix.S_IFIFO {
		t.Errorf("pipe: got mode %o", is.Mode)
	}
	if is := stat("gone/file"); !isWhiteout(&is) {
		t.Errorf("whiteout: got mode %o, want what overlay hides by", is.Mode)
	}
	if n, err := unix.Lgetxattr(filepath.Join(at, "empty"), opaqueXattr, make([]byte, 8)); n != 1 {
		t.Errorf("opaque directory: got %d, %v", n, err)
	}
}

func readAll(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func FuzzUnpack(f *testing.F) {
	f.Add(layerOf(f, dir("a"), file("a/b", "c"), link("d", "/a"), hard("e", "a/b"), file("a/.wh.f", "")))
	f.Fuzz(func(t *testing.T, layer []byte) {
		if os.Geteuid() != 0 {
			t.Skip("only root can unpack images")
		}
		up := t.TempDir()
		at := filepath.Join(up, "in")
		if err := os.Mkdir(at, 0o700); err != nil {
			t.Fatal(err)
		}
		_ = unpack(t.Context(), bytes.NewReader(layer), at)
		if list, err := os.ReadDir(up); err != nil || len(list) != 1 {
			t.Errorf("beside the directory: got %v, %v, want nothing", list, err)
		}
	})
}
