package operator

import "mesos/actors/authentication"

// open are the endpoints that everybody may ask, as in Mesos: they tell how to go on, and nothing of the cluster.
var open = []string{"/", "/assets", "/health", "/help", "/live/leader", "/redirect", "/version"}

// reads are the endpoints that change nothing.
var reads = []string{
	"/__processes__",
	"/allocator/offer_constraints_debug", "/containerizer/debug", "/containers", "/explain", "/files/browse", "/files/debug",
	"/files/download", "/files/read", "/flags", "/frameworks", "/live/changes", "/live/state", "/live/task", "/maintenance/status",
	"/metrics", "/metrics/snapshot", "/monitor/statistics", "/registrar(1)/registry", "/roles", "/slaves", "/state",
	"/state-summary", "/system/stats.json", "/tasks",
}

// access is what each endpoint is for; what is not named may change something.
var access = func() map[string]authentication.Access {
	all := map[string]authentication.Access{
		"/api/v1": authentication.Containers, "/api/v1/executor": authentication.Executors,
		"/api/v1/scheduler": authentication.Frameworks, "/api/v1/resource_provider": authentication.Providers,
	}
	for _, p := range open {
		all[p] = authentication.Open
	}
	for _, p := range reads {
		all[p] = authentication.ReadOnly
	}
	return all
}()

func accessOf(path string) authentication.Access {
	if a, named := access[path]; named {
		return a
	}
	return authentication.ReadWrite
}
