package containerizer

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/isolators/catalog"
	"mesos/isolators/seccomp"
	v1 "mesos/messages/mesos/v1"
)

// TestSeccomp has commands make calls that their profile decides on.
func TestSeccomp(t *testing.T) {
	dir := t.TempDir()
	profiles := map[string]string{
		"no-directories": `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}`,
		"deadly":         `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_KILL_PROCESS"}]}`,
		// The second argument of mkdir is the mode.
		"no-secrets": `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":1,"value":448,"op":"SCMP_CMP_EQ"}]}]}`,
	}
	for name, text := range profiles {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := newIsolatedBy(t, "linux/seccomp,linux/capabilities", catalog.Options{Seccomp: seccomp.Options{Dir: dir}})
	const mode = `grep -w Seccomp: /proc/self/status | tr -d '\t\n'; `
	for _, tt := range []struct {
		name, profile, user string
		unconfined          bool
		command, want       string
	}{
		{"named", "no-directories", "", false, mode + "mkdir x 2>&1 | grep -c 'No space left'", "Seccomp:21\n"},
		{"kill", "deadly", "", false, "mkdir x; echo $?", "159\n"},
		{"argument", "no-secrets", "", false, "perl -e 'print mkdir(\"a\", 0700) ? 1 : 0, mkdir(\"b\", 0701) ? 1 : 0'", "01"},
		{"as a user", "no-directories", "nobody", false, "mkdir x 2>&1 | grep -c 'No space left'", "1\n"},
		{"ours", "", "", false, mode + "unshare -m true 2>&1 | grep -c 'not permitted'", "Seccomp:21\n"},
		{"unconfined", "", "", true, mode, "Seccomp:0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := config(t, "c", shell(tt.command))
			open(c.Sandbox)
			c.User = tt.user
			s := &v1.SeccompInfo{Unconfined: &tt.unconfined}
			if tt.profile != "" {
				s.ProfileName = proto.String(tt.profile)
			}
			c.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{Seccomp: s}}
			if tt.profile == "" && !tt.unconfined {
				c.Info.LinuxInfo.EffectiveCapabilities = capable(v1.CapabilityInfo_CHOWN)
			}
			run(t, p, c)
			if got := read(t, c.Sandbox, "stdout"); got != tt.want {
				t.Errorf("got %q, want %q (%s)", got, tt.want, read(t, c.Sandbox, "stderr"))
			}
		})
	}
}

// open lets everybody reach a sandbox of a test.
func open(sandbox string) {
	for d := filepath.Dir(sandbox); d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o755) // where it is there already
	}
}
