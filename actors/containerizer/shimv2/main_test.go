package shimv2

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// asProgram has the test program be mesos-oci: with that and a bundle it is Run.
const asProgram = "MESOS_OCI_OF_TESTS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asProgram); dir != "" {
		if len(os.Args) > 1 {
			os.Exit(0) // an event of the shim
		}
		status, err := Run(dir)
		if err != nil {
			fmt.Println(err)
			status = 125
		}
		os.Exit(status)
	}
	goleak.VerifyTestMain(m)
}
