package containerizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

func sandboxVolume(t v1.Volume_Source_SandboxPath_Type, path, at string, mode v1.Volume_Mode) *v1.Volume {
	return &v1.Volume{ContainerPath: &at, Mode: mode.Enum(), Source: &v1.Volume_Source{
		Type: v1.Volume_Source_SANDBOX_PATH.Enum(), SandboxPath: &v1.Volume_Source_SandboxPath{Type: t.Enum(), Path: &path},
	}}
}

const (
	ofSelf   = v1.Volume_Source_SandboxPath_SELF
	ofParent = v1.Volume_Source_SandboxPath_PARENT
	rw       = v1.Volume_RW
)

// Two containers nested in one share a directory of its sandbox.
func TestSharedVolume(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "volumes")
	writer := within(up, "writer", shell("echo hello > shared/word; echo own > deep/down/data; cat self/data"))
	writer.Volumes = []*v1.Volume{sandboxVolume(ofParent, "a/b", "shared", rw), sandboxVolume(ofSelf, "self", "deep/down", rw)}
	if e := run(t, p, writer); e.Status != 0 {
		t.Fatalf("writer ended with status %d, stderr %q", e.Status, read(t, writer.Sandbox, "stderr"))
	}
	reader := within(up, "reader", shell("cat here/too/word"))
	reader.Volumes = []*v1.Volume{sandboxVolume(ofParent, "a/b", "here/too", rw)}
	if e := run(t, p, reader); e.Status != 0 {
		t.Fatalf("reader ended with status %d, stderr %q", e.Status, read(t, reader.Sandbox, "stderr"))
	}
	if got := read(t, reader.Sandbox, "stdout"); got != "hello\n" {
		t.Errorf("reader read %q, want what the writer wrote", got)
	}
	if got := read(t, writer.Sandbox, "stdout"); got != "own\n" {
		t.Errorf("writer read %q of its own directory, want what it wrote", got)
	}
	if got := read(t, up.Sandbox, "a", "b", "word"); got != "hello\n" {
		t.Errorf("the outer sandbox has %q, want what the writer wrote", got)
	}
}

func TestVolumesThatAreRefused(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "refused")
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(up.Sandbox, "out")); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		volume *v1.Volume
		want   string
	}{
		"up":         {sandboxVolume(ofParent, "../x", "v", rw), `path "../x" must be a relative path that stays`},
		"absolute":   {sandboxVolume(ofParent, "/x", "v", rw), `path "/x" must be a relative path that stays`},
		"elsewhere":  {sandboxVolume(ofParent, "x", "/v", rw), `container_path "/v" must be a relative path in the sandbox`},
		"everything": {sandboxVolume(ofParent, "x", ".", rw), `container_path "." must be a relative path in the sandbox`},
		"read only":  {sandboxVolume(ofParent, "x", "v", v1.Volume_RO), "mode RO"},
		"no type":    {sandboxVolume(v1.Volume_Source_SandboxPath_UNKNOWN, "x", "v", rw), "must be SELF or PARENT"},
		"a way out":  {sandboxVolume(ofParent, "out/x", "v", rw), "path escapes"},
		"in the way": {sandboxVolume(ofParent, "x", "stdout", rw), `container_path "stdout"`},
	} {
		t.Run(name, func(t *testing.T) {
			c := within(up, strings.ReplaceAll(name, " ", "-"), shell("true"))
			c.Volumes = []*v1.Volume{x.volume}
			_, err := p.Launch(t.Context(), c)
			if err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), "container.volumes[0]") {
				t.Errorf("got error %v, want one with %q that names the volume", err, x.want)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(outside, "x")); err == nil {
		t.Error("a directory was made outside of the sandbox")
	}
	c := config(t, "top", shell("true"))
	c.Volumes = []*v1.Volume{sandboxVolume(ofParent, "x", "v", rw)}
	if _, err := p.Launch(t.Context(), c); err == nil || !strings.Contains(err.Error(), "PARENT is for containers within another") {
		t.Errorf("PARENT without a parent: got error %v, want it refused", err)
	}
}
