package e2e

import (
	"os"
	"testing"

	"mesos/tests/cluster"
)

func TestMain(m *testing.M) {
	if os.Getenv(schedulerEnv) != "" {
		runScheduler()
		return
	}
	os.Exit(cluster.Main(m))
}
