package rights

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
)

func TestParseDevices(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"allowed_devices": [{"device": {"path": "/dev/null"}, "access": {"read": true, "mknod": true}}]}`, "/dev/null c 1:3 rm"},
		{`{"allowed_devices": []}`, ""},
		{`/dev/null`, "!want JSON as in"},
		{`{"allowed_devices": [{"device": {}, "access": {"read": true}}]}`, `!allowed_devices[0]: device.path "": want the path`},
		{`{"allowed_devices": [{"device": {"path": "/dev/../etc"}, "access": {"read": true}}]}`, `!device.path "/dev/../etc": want the path`},
		{`{"allowed_devices": [{"device": {"path": "/dev/null"}, "access": {"read": false}}]}`, "!allowed_devices[0]: access to /dev/null: want some of read, write and mknod"},
		{`{"allowed_devices": [{"device": {"path": "/dev/mesos-none"}, "access": {"read": true}}]}`, "!device.path /dev/mesos-none: no such file"},
		{`{"allowed_devices": [{"device": {"path": "/dev/pts"}, "access": {"read": true}}]}`, "!device.path /dev/pts: it is no device"},
	} {
		got, err := ParseDevices(c.text)
		var words []string
		for _, d := range got {
			words = append(words, d.Path+" "+d.String())
		}
		if wrong, is := strings.CutPrefix(c.want, "!"); is {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s: got %v, want an error with %q", c.text, err, wrong)
			}
		} else if err != nil || strings.Join(words, ",") != c.want {
			t.Errorf("%s: got %v, %v, want %s", c.text, words, err, c.want)
		}
	}
}

// TestDevices are in roots of containers, and in no other's.
func TestDevices(t *testing.T) {
	d := &Devices{Allowed: []Device{{Path: "/dev/fuse"}}}
	for id, c := range map[string]struct {
		root    string
		session bool
		want    []boot.Mount
	}{
		"root":    {"/r", false, []boot.Mount{{Source: "/dev/fuse", Target: "/dev/fuse", Flags: unix.MS_BIND, Make: true}}},
		"machine": {"", false, nil},
		"session": {"/r", true, nil},
	} {
		l := &boot.Launch{Rootfs: c.root}
		if err := d.Prepare(t.Context(), isolators.Container{ID: id, Session: c.session}, l); err != nil || !slices.Equal(l.Mounts, c.want) {
			t.Errorf("%s: got %v, %v, want %v", id, l.Mounts, err, c.want)
		}
	}
}
