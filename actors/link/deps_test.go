package link_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mesos-executor links this package: what it pulls in is paid for by every task.
func TestNoHeavyImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "mesos/actors/link").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "google.golang.org/protobuf/proto") {
		t.Fatalf("got no protobuf among %d packages: the list cannot be right", len(deps))
	}
	for _, d := range deps {
		if d == "net/http" || d == "crypto/tls" || strings.Contains(d, "protoactor") || strings.Contains(d, "otel") {
			t.Errorf("package link imports %s", d)
		}
	}
}
