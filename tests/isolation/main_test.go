package isolation

import (
	"os"
	"testing"

	"mesos/tests/cluster"
)

func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }
