package messages_test

import (
	"regexp"
	"strings"
)

// homes says which of our files mirrors a file of the unversioned and internal
// protocol. Together with leftOut it covers every file of the tables.
var homes = map[string]string{
	"mesos/agent/agent.proto":                         "mesos/v1/agent/agent.proto",
	"mesos/allocator/allocator.proto":                 "mesos/v1/allocator/allocator.proto",
	"mesos/executor/executor.proto":                   "mesos/v1/executor/executor.proto",
	"mesos/maintenance/maintenance.proto":             "mesos/v1/maintenance/maintenance.proto",
	"mesos/master/master.proto":                       "mesos/v1/master/master.proto",
	"mesos/mesos.proto":                               "mesos/v1/mesos.proto",
	"mesos/quota/quota.proto":                         "mesos/v1/quota/quota.proto",
	"mesos/resource_provider/resource_provider.proto": "mesos/v1/resource_provider/resource_provider.proto",
	"mesos/scheduler/scheduler.proto":                 "mesos/v1/scheduler/scheduler.proto",

	"master/registry.proto":                     "internalpb/registry.proto",
	"mesos/authentication/authentication.proto": "internalpb/authentication.proto",
	"messages/messages.proto":                   "internalpb/messages.proto",
	"resource_provider/registry.proto":          "internalpb/resourceprovider/registry.proto",
}

const (
	specOfOthers  = "file format of other projects; read by the image store with its own types, never sent between actors"
	ownCheckpoint = "on-disk state of one agent's isolator; ours is our own bbolt format, no peer reads it"
	inProcess     = "C++ in-process module interface; Go interfaces take its place"
)

// leftOut holds the files of the tables that are left out on purpose.
var leftOut = map[string]string{
	"mesos/appc/spec.proto":   specOfOthers,
	"mesos/docker/spec.proto": specOfOthers,
	"mesos/docker/v1.proto":   specOfOthers,
	"mesos/docker/v2.proto":   specOfOthers,
	"mesos/docker/v2_2.proto": specOfOthers,
	"mesos/oci/spec.proto":    specOfOthers,
	"slave/containerizer/mesos/isolators/network/cni/spec.proto": specOfOthers,

	"mesos/authorizer/acls.proto":        "--acls is a JSON file of the local authorizer; parsed by the authorizer, never sent",
	"mesos/authorizer/authorizer.proto":  inProcess,
	"mesos/module/hook.proto":            inProcess,
	"mesos/module/module.proto":          "--modules loads C++ libraries; a Go build has none",
	"mesos/slave/containerizer.proto":    inProcess,
	"mesos/slave/oversubscription.proto": inProcess,
	"mesos/uri/uri.proto":                inProcess,

	"mesos/fetcher/fetcher.proto": "hands work to the mesos-fetcher program; our agent fetches in a package of its own",
	"mesos/seccomp/seccomp.proto": "parsed form of a seccomp profile; the seccomp isolator has its own types",
	"messages/flags.proto":        "values of --firewall_rules, --volumes and DNS flags; parsed by cmd from JSON, never sent",

	"mesos/state/state.proto": "entry of the replicated key-value state; the registry Store takes its place",
	"messages/log.proto":      "replicated log (Paxos) between masters; bbolt and Consul take its place",
	"messages/state.proto":    "record of the replicated log's storage; bbolt and Consul take its place",

	"csi/state.proto": ownCheckpoint,
	"slave/containerizer/device_manager/state.proto":                ownCheckpoint,
	"slave/containerizer/mesos/isolators/docker/volume/state.proto": ownCheckpoint,
	"slave/containerizer/mesos/isolators/volume/csi/state.proto":    ownCheckpoint,
	"slave/containerizer/mesos/provisioner/docker/message.proto":    ownCheckpoint,
	"slave/state.proto":                    ownCheckpoint,
	"slave/volume_gid_manager/state.proto": ownCheckpoint,

	"resource_provider/state.proto":                "on-disk state of one resource provider; no peer reads it",
	"resource_provider/storage/disk_profile.proto": "JSON of the --disk_profile_adaptor module; a Go build loads no such module",
}

// knownDifferences are the places where v1 and the unversioned protocol really
// differ. Whoever decodes an unversioned message into a v1 type must know them.
var knownDifferences = map[string]struct{ Text, Reason string }{
	"mesos.v1.AgentInfo.checkpoint": {
		"is in the table but not compiled",
		"unversioned SlaveInfo only (agents always checkpoint); lands in the unknown fields of v1.AgentInfo",
	},
	"mesos.v1.master.Call.DrainAgent.max_grace_period": {
		`type: table "mesos.v1.DurationInfo", compiled "google.protobuf.Duration"`,
		"field 1 of both is a varint, but nanoseconds in the one and seconds in the other: never pass it across undecoded",
	},
	"mesos.v1.quota.QuotaRequest.force": {
		`default: table "false", compiled ""`,
		"only the unversioned field has an explicit default; same on the wire",
	},
	"mesos.v1.scheduler.Call.Subscribe.force": {
		"is in the table but not compiled",
		"unversioned only, for drivers that fail over; v1 schedulers always win",
	},
	"mesos.v1.scheduler.Call.Subscribe.suppressed_roles": {
		`number: table "3", compiled "2"`,
		"v1 has no force, so it counts on from 2: an unversioned scheduler.Call must be renumbered, not just decoded as v1",
	},
	"mesos.v1.scheduler.Call.Subscribe.offer_constraints": {
		`number: table "4", compiled "3"`,
		"as suppressed_roles",
	},
	"mesos.v1.scheduler.Response.reconcile_operations": {
		`deprecated: table "", compiled "deprecated"`,
		"deprecated in v1 only; same on the wire",
	},
	"mesos.v1.scheduler.Response.ReconcileOperations.operation_statuses": {
		`deprecated: table "", compiled "deprecated"`,
		"deprecated in v1 only; same on the wire",
	},
	"mesos.v1.scheduler.APIResult.status_code": {"is compiled but not in the table", "v1 client library type; never sent to a master"},
	"mesos.v1.scheduler.APIResult.response":    {"is compiled but not in the table", "v1 client library type; never sent to a master"},
	"mesos.v1.scheduler.APIResult.error":       {"is compiled but not in the table", "v1 client library type; never sent to a master"},
}

// place maps the rows of the tables to what should be compiled for them, leaves
// out those of leftOut, and returns apart the rows that no table covers.
func place(rows []row) (mapped, homeless []row) {
	for _, r := range rows {
		if _, out := leftOut[r.File]; out {
			continue
		}
		if _, ok := homes[r.File]; !ok {
			homeless = append(homeless, r)
			continue
		}
		mapped = append(mapped, toCompiled(r))
	}
	return mapped, homeless
}

// toCompiled turns a row of the unversioned and internal tables into the row
// that our compiled descriptors should have for it.
func toCompiled(r row) row {
	r.File = homes[r.File]
	r.Type = qualified.ReplaceAllStringFunc(r.Type, publicName)
	if strings.HasPrefix(r.File, "mesos/v1/") {
		r.Parent, r.Name = publicName(r.Parent), agentWords.Replace(r.Name)
	}
	return r
}

var (
	qualified  = regexp.MustCompile(`\bmesos(\.\w+)+`)
	agentWords = strings.NewReplacer("Slave", "Agent", "slave", "agent", "SLAVE", "AGENT")
)

// publicName is the v1 name of an unversioned type. Names of the internal
// packages stay as they are.
func publicName(name string) string {
	for _, own := range []string{"mesos.internal.", "mesos.resource_provider.registry."} {
		if strings.HasPrefix(name, own) {
			return name
		}
	}
	return "mesos.v1." + agentWords.Replace(strings.TrimPrefix(name, "mesos."))
}
