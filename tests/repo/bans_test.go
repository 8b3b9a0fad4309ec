package repo

import (
	"slices"
	"testing"
)

// ban keeps a library in the few packages that are meant to know it.
type ban struct {
	library string   // import path; what lies below is meant too
	only    []string // packages that may import it
	below   bool     // packages below those may, too
	why     string
}

var bans = []ban{
	{"github.com/asynkron/protoactor-go", []string{"mesos/actors"}, false,
		"the runtime hides it: its traps (blocking in Receive, shared PIDs, restarts that lose state) are handled there once"},
	{"github.com/asynkron/protoactor-go/remote", nil, false,
		"one batch with an unknown type crashes it, and any peer may stop any actor; actors/link carries our messages"},
	{"github.com/hashicorp/consul", []string{"mesos/registry"}, true,
		"what is durable and who leads is decided in one place"},
	{"github.com/go-zookeeper/zk", []string{"mesos/registry", "mesos/tests/zookeeper"}, true,
		"who leads is told and found in one place"},
	{"go.etcd.io/bbolt", []string{"mesos/registry", "mesos/actors/agent"}, true,
		"files that must survive are written in two places: the registry and the agent's checkpoints"},
	{"github.com/containerd/cgroups", []string{"mesos/isolators"}, true, "the kernel is the isolators' business"},
	{"github.com/opencontainers/cgroups", []string{"mesos/isolators"}, true, "the kernel is the isolators' business"},
	{"github.com/opencontainers/runc", []string{"mesos/isolators"}, true, "the kernel is the isolators' business"},
	{"github.com/vishvananda/netlink", []string{"mesos/isolators"}, true, "the kernel is the isolators' business"},
	{"github.com/google/nftables", []string{"mesos/isolators"}, true, "the kernel is the isolators' business"},
	{"github.com/cilium/ebpf", []string{"mesos/isolators"}, true, "the kernel is the isolators' business"},
	{"github.com/google/go-containerregistry", []string{"mesos/isolators/images", "mesos/tests"}, true, "images come into the house by one door; mesos-executor must stay small"},
	{"github.com/urfave/cli", []string{"mesos/cmd"}, true, "only programs read flags; everything else is given its configuration"},
	{"flag", []string{"mesos/cmd", "mesos/tests"}, true, "only programs read flags; everything else is given its configuration"},
	{"github.com/pkg/errors", nil, false, "errors and fmt wrap with %w"},
	{"github.com/golang/protobuf", nil, false, "the old protobuf API; google.golang.org/protobuf is ours"},
	{"github.com/gogo/protobuf", nil, false, "a second protobuf runtime with other rules"},
}

// productBans hold for what the programs are built from, not for tests.
var productBans = []ban{
	{"google.golang.org/protobuf/encoding/protojson", nil, false,
		"it speaks another JSON than Mesos (names, 64-bit numbers, defaults); messages/mesosjson is ours"},
}

// allows reports whether pkg may import what the ban is about.
func (b ban) allows(pkg string) bool {
	return slices.ContainsFunc(b.only, func(dir string) bool { return pkg == dir || b.below && within(pkg, dir) })
}

func TestBannedImports(t *testing.T) {
	for _, f := range goFiles(t) {
		binding := bans
		if !f.test {
			binding = slices.Concat(bans, productBans)
		}
		for _, imp := range f.imports() {
			for _, b := range binding {
				if within(imp, b.library) && !b.allows(f.pkg) {
					t.Errorf("%s imports %s: %s", f.path, imp, b.why)
				}
			}
		}
	}
}

func TestBans(t *testing.T) {
	for _, c := range []struct {
		pkg, imp string
		banned   bool
	}{
		{"mesos/actors", "github.com/asynkron/protoactor-go/actor", false},
		{"mesos/actors", "github.com/asynkron/protoactor-go/remote", true},
		{"mesos/actors/master", "github.com/asynkron/protoactor-go/actor", true},
		{"mesos/cmd/mesos", "github.com/urfave/cli/v2", false},
		{"mesos/actors/agent", "github.com/urfave/cli/v2", true},
		{"mesos/registry/consul", "github.com/hashicorp/consul/api", false},
		{"mesos/actors/master", "github.com/hashicorp/consul/api", true},
		{"mesos/cmd/mesos-agent", "flag", false},
		{"mesos/actors", "flag", true},
	} {
		banned := slices.ContainsFunc(bans, func(b ban) bool { return within(c.imp, b.library) && !b.allows(c.pkg) })
		if banned != c.banned {
			t.Errorf("%s imports %s: banned: got %v, want %v", c.pkg, c.imp, banned, c.banned)
		}
	}
}
