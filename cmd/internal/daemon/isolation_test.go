package daemon

import (
	"log/slog"
	"os"
	"strings"
	"testing"
)

// TestIsolatorsWhy asks for what cannot be had, and wants the reason alone: another launcher would not help.
func TestIsolatorsWhy(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root has the linux launcher")
	}
	s := IsolationSettings{List: "network/cni"}
	s.Options.Hierarchy = "/sys/fs/cgroup"
	_, _, err := s.isolators(t.TempDir(), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "network/cni needs directories") || strings.Contains(err.Error(), "--launcher") {
		t.Errorf("got %v, want what network/cni lacks, and no word of launchers", err)
	}
}
