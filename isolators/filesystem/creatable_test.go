package filesystem

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// TestCreatable asks for volumes of paths that are not there.
func TestCreatable(t *testing.T) {
	for _, c := range []struct {
		path string // below the directory of the test
		made bool
	}{
		{"may/a", true},
		{"may/a/b/c", true},
		{"later/a", true}, // the directory itself is not there, either
		{"maybe/a", false},
		{"may/../other/a", false},
		{"may/link/a", false},
		{"other/a", false},
		{"later", false},
	} {
		for _, source := range []bool{false, true} {
			t.Run(c.path, func(t *testing.T) {
				base := t.TempDir()
				for _, d := range []string{"may", "maybe", "other"} {
					if err := os.Mkdir(filepath.Join(base, d), 0o755); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.Symlink(filepath.Join(base, "other"), filepath.Join(base, "may", "link")); err != nil {
					t.Fatal(err)
				}
				dirs, err := ParseCreatable(filepath.Join(base, "may") + ":" + filepath.Join(base, "later") + "/")
				if err != nil {
					t.Fatal(err)
				}
				path := base + "/" + c.path
				v := &v1.Volume{ContainerPath: proto.String("data"), HostPath: &path}
				if source {
					v = &v1.Volume{ContainerPath: proto.String("data"), Source: &v1.Volume_Source{Type: v1.Volume_Source_HOST_PATH.Enum(), HostPath: &v1.Volume_Source_HostPath{Path: &path}}}
				}
				f, l := NewLinux(Options{Scratch: filepath.Join(base, "scratch"), Creatable: dirs}), &boot.Launch{}
				err = f.Prepare(t.Context(), isolators.Container{ID: "a", Sandbox: t.TempDir(), Info: &v1.ContainerInfo{Volumes: []*v1.Volume{v}}}, l)
				if c.made != (err == nil) || err != nil && !strings.Contains(err.Error(), "container.volumes[0]") {
					t.Errorf("got %v, want it made: %v, or an error of container.volumes[0]", err, c.made)
				}
				if info, err := os.Stat(path); c.made != (err == nil && info.IsDir()) {
					t.Errorf("%s: got %v, want a directory: %v", path, err, c.made)
				}
			})
		}
	}
}

func TestParseCreatable(t *testing.T) {
	for text, want := range map[string]string{"": "", "/a": "/a", "/a/:/b//c": "/a /b/c", "a": "!", "/a:": "!", ":/a": "!", "/a:b": "!"} {
		got, err := ParseCreatable(text)
		if want == "!" {
			if err == nil {
				t.Errorf("%q: got %q, want an error", text, got)
			}
		} else if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}
