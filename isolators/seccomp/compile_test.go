package seccomp

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

const everyCap = 1<<64 - 1

// TestDecisions asks filters of one rule or two about one call.
func TestDecisions(t *testing.T) {
	const read, x86Read = 0, 3
	amd64, x86 := uint32(unix.AUDIT_ARCH_X86_64), uint32(unix.AUDIT_ARCH_I386)
	deny := func(rules string) string { return `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[` + rules + `]}` }
	arg := func(op string, value, two uint64) string {
		return deny(fmt.Sprintf(`{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":2,"op":"SCMP_CMP_%s","value":%d,"valueTwo":%d}]}`, op, value, two))
	}
	with := func(v uint64) call { return call{read, amd64, [6]uint64{2: v}} }
	const both = `{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"op":"SCMP_CMP_EQ","value":1},{"index":%d,"op":"SCMP_CMP_EQ","value":2}]}`
	const eperm, enosys = retErrno | 1, retErrno | 38
	const big = 1<<32 + 5
	for _, c := range []struct {
		name, profile string
		call          call
		want          uint32
	}{
		{"named", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW"}`), call{number: read, audit: amd64}, retAllow},
		{"the old field", deny(`{"name":"read","action":"SCMP_ACT_ALLOW"}`), call{number: read, audit: amd64}, retAllow},
		{"not named", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW"}`), call{number: 1, audit: amd64}, eperm},
		{"beyond all numbers", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW"}`), call{number: 100000, audit: amd64}, eperm},
		{"another architecture", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW"}`), call{number: x86Read, audit: x86}, retKillProcess},
		{"a program of 32 bits", `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}`, call{number: x86Read, audit: x86}, retAllow},
		{"its other numbers", `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}`, call{number: read, audit: x86}, eperm},
		{"its numbers on the other", `{"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86","SCMP_ARCH_X32"]}],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}`, call{number: x86Read, audit: amd64}, eperm},
		{"short pointers", `{"defaultAction":"SCMP_ACT_ALLOW"}`, call{number: x32 | read, audit: amd64}, enosys},
		{"errno of its own", `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38}`, call{audit: amd64}, enosys},
		{"kill", `{"defaultAction":"SCMP_ACT_KILL"}`, call{audit: amd64}, retKillThread},
		{"trace with a number", deny(`{"names":["read"],"action":"SCMP_ACT_TRACE","errnoRet":7}`), call{number: read, audit: amd64}, retTrace | 7},

		{"equal", arg("EQ", big, 0), with(big), retAllow},
		{"equal in the lower half", arg("EQ", big, 0), with(5), eperm},
		{"equal in the upper half", arg("EQ", big, 0), with(1 << 32), eperm},
		{"other", arg("NE", big, 0), with(5), retAllow},
		{"not other", arg("NE", big, 0), with(big), eperm},
		{"less", arg("LT", big, 0), with(big - 1), retAllow},
		{"less by the upper half", arg("LT", big, 0), with(1<<32 - 1), retAllow},
		{"not less", arg("LT", big, 0), with(big), eperm},
		{"less or equal", arg("LE", big, 0), with(big), retAllow},
		{"not less or equal", arg("LE", big, 0), with(big + 1), eperm},
		{"greater", arg("GT", big, 0), with(1 << 33), retAllow},
		{"not greater", arg("GT", big, 0), with(big), eperm},
		{"greater or equal", arg("GE", big, 0), with(big), retAllow},
		{"not greater or equal", arg("GE", big, 0), with(6), eperm},
		{"masked", arg("MASKED_EQ", 1<<40|1, 1<<40), with(1<<40 | 2), retAllow},
		{"not masked", arg("MASKED_EQ", 1<<40|1, 1<<40), with(1<<40 | 1), eperm},

		{"two arguments", deny(fmt.Sprintf(both, 1)), call{read, amd64, [6]uint64{1, 2}}, retAllow},
		{"one of two", deny(fmt.Sprintf(both, 1)), call{read, amd64, [6]uint64{1, 3}}, eperm},
		{"either of one", deny(fmt.Sprintf(both, 0)), call{read, amd64, [6]uint64{2}}, retAllow},
		{"neither of one", deny(fmt.Sprintf(both, 0)), call{read, amd64, [6]uint64{3}}, eperm},
		{"the second rule", deny(fmt.Sprintf(both, 1) + `,{"names":["read"],"action":"SCMP_ACT_LOG"}`), call{read, amd64, [6]uint64{1, 3}}, retLog},
		{"the first of two", deny(`{"names":["read"],"action":"SCMP_ACT_LOG"},{"names":["read"],"action":"SCMP_ACT_ALLOW"}`), call{number: read, audit: amd64}, retLog},

		{"included", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_CHOWN"],"arches":["amd64"],"minKernel":"4.8"}}`), call{number: read, audit: amd64}, retAllow},
		{"for a capability", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_KILL"]}}`), call{number: read, audit: amd64}, eperm},
		{"without a capability", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_KILL","CAP_CHOWN"]}}`), call{number: read, audit: amd64}, eperm},
		{"for others", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["s390"]}}`), call{number: read, audit: amd64}, eperm},
		{"for newer kernels", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"6.2"}}`), call{number: read, audit: amd64}, eperm},
		{"for older kernels", deny(`{"names":["read"],"action":"SCMP_ACT_ALLOW","excludes":{"minKernel":"6.2"}}`), call{number: read, audit: amd64}, retAllow},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compiled(t, c.profile, Subject{Capabilities: capability("CAP_CHOWN"), Kernel: [2]uint64{6, 1}})
			if got := interpret(t, p, c.call); got != c.want {
				t.Errorf("got %#x, want %#x", got, c.want)
			}
		})
	}
}

// TestCompiledIsAsWritten compares filters with the rules that they were made of.
func TestCompiledIsAsWritten(t *testing.T) {
	own := archNamed(func(a *arch) bool { return a.name == "amd64" })
	some := []string{"read", "write", "open", "clone", "socket", "fsopen", "ptrace"}
	edges := rapid.SampledFrom([]uint64{0, 1, 2, 1<<32 - 1, 1 << 32, 1<<32 + 1, 1<<63 | 7, 1<<64 - 1})
	rapid.Check(t, func(t *rapid.T) {
		p := &Profile{DefaultAction: "SCMP_ACT_TRAP"}
		for range rapid.IntRange(0, 12).Draw(t, "rules") {
			r := Rule{Names: rapid.SliceOfN(rapid.SampledFrom(some), 1, 3).Draw(t, "names"), Action: rapid.SampledFrom([]string{"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_ERRNO"}).Draw(t, "action")}
			for range rapid.IntRange(0, 3).Draw(t, "args") {
				op := rapid.SampledFrom([]string{"EQ", "NE", "LT", "LE", "GT", "GE", "MASKED_EQ"}).Draw(t, "op")
				r.Args = append(r.Args, Arg{Index: rapid.UintRange(0, 2).Draw(t, "index"), Op: "SCMP_CMP_" + op, Value: edges.Draw(t, "value"), Two: edges.Draw(t, "two")})
			}
			p.Syscalls = append(p.Syscalls, r)
		}
		program, err := p.compile(own, Subject{})
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			name := rapid.SampledFrom(append(some, "close")).Draw(t, "call")
			c := call{number: own.numbers[name], audit: own.audit}
			for i := range 3 {
				c.args[i] = edges.Draw(t, "arg")
			}
			if got, want := interpret(t, program, c), p.decide(name, c); got != want {
				t.Fatalf("%s %v: got %#x, want %#x", name, c.args, got, want)
			}
		}
	})
}

// decide reads a profile rule by rule.
func (p *Profile) decide(name string, c call) uint32 {
	for _, r := range p.Syscalls {
		for _, n := range r.Names {
			if n == name && r.hold(c) {
				v, _ := value(r.Action, r.Errno)
				return v
			}
		}
	}
	v, _ := value(p.DefaultAction, p.DefaultErrno)
	return v
}

func (r *Rule) hold(c call) bool {
	count, good, twice := [6]int{}, 0, false
	for _, a := range r.Args {
		count[a.Index]++
		twice = twice || count[a.Index] > 1
		if a.holds(c.args[a.Index]) {
			good++
		}
	}
	return good == len(r.Args) || twice && good > 0
}

func (a Arg) holds(v uint64) bool {
	switch strings.TrimPrefix(a.Op, "SCMP_CMP_") {
	case "EQ":
		return v == a.Value
	case "NE":
		return v != a.Value
	case "LT":
		return v < a.Value
	case "LE":
		return v <= a.Value
	case "GT":
		return v > a.Value
	case "GE":
		return v >= a.Value
	}
	return v&a.Value == a.Two
}

// TestBadProfiles wants errors that name the field and what would be right.
func TestBadProfiles(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                                    "want JSON as Docker's",
		`{"defaultAction":"SCMP_ACT_ALLOW"} {}`: "want one JSON object",
		`{}`:                                    `defaultAction: unknown action "": want one of SCMP_ACT_ALLOW`,
		`{"defaultAction":"SCMP_ACT_NOTIFY"}`:   `unknown action "SCMP_ACT_NOTIFY"`,
		`{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":5000}`:                                                                          "errnoRet 5000: want 0 to 4095",
		`{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"EPERM"}`:                                                                          "defaultErrnoRet",
		`{"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/x"}`:                                                                             "listenerPath",
		`{"defaultAction":"SCMP_ACT_ALLOW","architectures":["X86"]}`:                                                                         `unknown architecture "X86"`,
		`{"defaultAction":"SCMP_ACT_ALLOW","archMap":[{"architecture":"i"}]}`:                                                                `archMap: unknown architecture "i"`,
		`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_LOG"}]}`:                                                          "syscalls[0].names: want one",
		`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["raed"],"action":"SCMP_ACT_KILL"}]}`:                                        `unknown system call "raed"`,
		`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"ALLOW"}]}`:                                                "syscalls[0].action",
		`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","args":[{"index":6,"op":"SCMP_CMP_EQ"}]}]}`: "args[0].index 6: want 0 to 5",
		`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","args":[{"index":1,"op":"EQ"}]}]}`:          `args[0].op "EQ"`,
		`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","includes":{"caps":["ROOT"]}}]}`:            `includes.caps[0]: unknown capability "ROOT"`,
		`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_LOG","excludes":{"minKernel":"new"}}]}`:          `excludes.minKernel: version "new"`,
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", text, err, want)
		}
	}
	// What newer kernels have may be allowed.
	if _, err := Parse([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["of_tomorrow"],"action":"SCMP_ACT_ALLOW"}]}`)); err != nil {
		t.Error(err)
	}
}

func TestTooManyRules(t *testing.T) {
	p := &Profile{DefaultAction: "SCMP_ACT_ALLOW"}
	for n := range 900 {
		p.Syscalls = append(p.Syscalls, Rule{Names: []string{"read"}, Action: "SCMP_ACT_ERRNO", Args: []Arg{{Value: uint64(n), Op: "SCMP_CMP_EQ"}}})
	}
	if _, err := p.Compile(Subject{}); err == nil || !strings.Contains(err.Error(), "want at most 4096") {
		t.Errorf("got %v, want an error with the most there can be", err)
	}
}

// TestDefault asks the profile of our own about what it is there for.
func TestDefault(t *testing.T) {
	admin := capability("CAP_SYS_ADMIN")
	for _, own := range arches() {
		p := Default()
		for caps, calls := range map[uint64]map[string]uint32{
			0: {
				"read": retAllow, "execve": retAllow, "futex": retAllow, "setresuid": retAllow, "prctl": retAllow, "capset": retAllow, "keyctl": retErrno | 1, "mount": retErrno | 1, "ptrace": retErrno | 1,
				"init_module": retErrno | 1, "bpf": retErrno | 1, "unshare": retErrno | 1, "clone3": retErrno | 38, "io_uring_setup": retErrno | 38, "clone": retAllow,
			},
			admin:    {"mount": retAllow, "clone3": retAllow, "keyctl": retErrno | 1, "init_module": retErrno | 1},
			everyCap: {"init_module": retAllow, "ptrace": retAllow, "add_key": retErrno | 1},
		} {
			program, err := p.compile(own, Subject{Capabilities: caps})
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range calls {
				if got := interpret(t, program, call{number: own.numbers[name], audit: own.audit}); got != want {
					t.Errorf("%s on %s with capabilities %#x: got %#x, want %#x", name, own.name, caps, got, want)
				}
			}
			if got := interpret(t, program, call{number: 5000, audit: own.audit}); got != retErrno|38 {
				t.Errorf("a call of tomorrow on %s: got %#x, want ENOSYS", own.name, got)
			}
		}
		without, err := p.compile(own, Subject{})
		if err != nil {
			t.Fatal(err)
		}
		if got := interpret(t, without, call{number: own.numbers["clone"], audit: own.audit, args: [6]uint64{unix.CLONE_NEWUSER | unix.CLONE_VM}}); got != retErrno|1 {
			t.Errorf("clone into a user namespace on %s: got %#x, want EPERM", own.name, got)
		}
	}
}
