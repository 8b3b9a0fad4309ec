package allocator

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(rankerEnv) != "" {
		rankerProgram()
		return
	}
	goleak.VerifyTestMain(m)
}
