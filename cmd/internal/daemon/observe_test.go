package daemon

import (
	"testing"

	"mesos/cmd/flags"
)

// TestEveryDaemonSaysHowItLogs wants --log_format of each of them, with text as what is not said.
func TestEveryDaemonSaysHowItLogs(t *testing.T) {
	for name, f := range map[string]*flags.Set{
		"mesos-master": MasterFlags(), "mesos-agent": AgentFlags(), "marathon": flags.NewSet(flags.Marathon()), "chronos": ChronosFlags(),
	} {
		if !f.Defines("log_format") {
			t.Errorf("%s has no --log_format", name)
		} else if got := f.String("log_format"); got != "text" {
			t.Errorf("%s: default of --log_format: got %q, want text", name, got)
		}
	}
}
