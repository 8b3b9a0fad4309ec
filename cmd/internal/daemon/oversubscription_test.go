package daemon

import (
	"fmt"
	"strings"
	"testing"

	"mesos/actors/agent"
)

func TestOversubscriptionFromFlags(t *testing.T) {
	const fixed, load = "org_apache_mesos_FixedResourceEstimator", "org_apache_mesos_LoadQoSController"
	modules := func(name, key, value string) string {
		return fmt.Sprintf(`{"libraries":[{"file":"x.so","modules":[{"name":%q,"parameters":[{"key":%q,"value":%q}]}]}]}`, name, key, value)
	}
	for _, x := range []struct {
		name  string
		flags map[string]string
		want  string // types of estimator and controller
		wrong string
	}{
		{"none", nil, "<nil> <nil>", ""},
		{"as in Mesos", map[string]string{"resource_estimator": fixed, "modules": modules(fixed, "resources", "cpus:14")}, "*oversubscription.Fixed <nil>", ""},
		{"controller as in Mesos", map[string]string{"qos_controller": load, "modules": modules(load, "load_threshold_5min", "6")}, "<nil> *oversubscription.Load", ""},
		{"short", map[string]string{"resource_estimator": "fixed", "resource_estimator_parameters": `{"resources":"cpus:2;mem:64"}`, "qos_controller": "pressure"}, "*oversubscription.Fixed *oversubscription.Pressure", ""},
		{"by usage", map[string]string{"resource_estimator": "load", "qos_controller": "load", "qos_controller_parameters": `{"load_threshold_15min":"4"}`}, "*oversubscription.Slack *oversubscription.Load", ""},
		{"no such estimator", map[string]string{"resource_estimator": "x"}, "", `--resource_estimator: "x" is not one of`},
		{"no such controller", map[string]string{"qos_controller": "x"}, "", `--qos_controller: "x" is not one of`},
		{"module of another kind", map[string]string{"resource_estimator": fixed, "modules": modules(load, "load_threshold_5min", "6")}, "", "parameter resources must be set"},
		{"bad parameter", map[string]string{"qos_controller": load, "modules": modules(load, "load", "6")}, "", "load_threshold_5min or load_threshold_15min"},
		{"bad parameters", map[string]string{"qos_controller": "load", "qos_controller_parameters": `[]`}, "", "--qos_controller_parameters"},
		{"no interval", map[string]string{"oversubscribed_resources_interval": "0ns"}, "", "--oversubscribed_resources_interval"},
	} {
		f := AgentFlags()
		all := map[string]string{"master": "127.0.0.1:5050", "work_dir": "/w"}
		for k, v := range x.flags {
			all[k] = v
		}
		if err := f.SetAll(all); err != nil {
			t.Fatal(err)
		}
		c := agent.Config{}
		err := oversubscriptionFrom(f, &c)
		if got := fmt.Sprintf("%T %T", c.Estimator, c.QoS); x.wrong == "" && (err != nil || got != x.want) {
			t.Errorf("%s: got %s, %v, want %s", x.name, got, err, x.want)
		}
		if x.wrong != "" && (err == nil || !strings.Contains(err.Error(), x.wrong)) {
			t.Errorf("%s: got %v, want %q in it", x.name, err, x.wrong)
		}
	}
}
