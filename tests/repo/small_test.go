package repo

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// tooBig is what mesos-executor and mesos-shim must not link. They start in milliseconds and stay in memory for as long
// as their task.
var tooBig = map[string]string{
	"github.com/asynkron/protoactor-go":   "an empty actor system takes 2.8 MB; use link.Loop",
	"github.com/prometheus":               "metrics are the agent's",
	"github.com/urfave/cli":               "the agent passes everything in the environment",
	"net/http":                            "megabytes of code and of start-up; an executor speaks to its agent over actors/link",
	"crypto/tls":                          "megabytes for each task; HTTPS checks are made by mesos-probe, which ends with its answer",
	"google.golang.org/grpc":              "an executor speaks to its agent over actors/link",
	"google.golang.org/protobuf/encoding": "messages travel as protobuf, mesosjson is for HTTP",
	"mesos/actors/master":                 "an executor is no master",
	"mesos/actors/agent":                  "an executor is no agent",
	"mesos/messages/mesosjson":            "messages travel as protobuf, mesosjson is for HTTP",
	"github.com/hashicorp/consul":         "an executor keeps nothing",
	"go.etcd.io/bbolt":                    "an executor keeps nothing",
}

// encoding/prototext is linked by the protobuf runtime itself.
var tolerated = []string{"google.golang.org/protobuf/encoding/prototext", "google.golang.org/protobuf/encoding/protowire"}

// small are the programs that it holds for: there is one process for each command, or container.
var small = []string{"mesos-executor", "mesos-init", "mesos-logger", "mesos-oci", "mesos-shim"}

func TestSmallProgramsStaySmall(t *testing.T) {
	for _, name := range small {
		staysSmall(t, name)
	}
}

func staysSmall(t *testing.T, name string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./cmd/"+name)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderrOf(err))
	}
	for _, dep := range strings.Fields(string(out)) {
		for library, why := range tooBig {
			if within(dep, library) && !slices.Contains(tolerated, dep) {
				t.Errorf("%s links %s: %s", name, dep, why)
			}
		}
	}
}

func stderrOf(err error) []byte {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.Stderr
	}
	return nil
}
