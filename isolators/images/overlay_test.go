package images

import (
	"errors"
	"os"
	"testing"

	"mesos/isolators"
)

// TestTryOverlayStaysApart looks at the mounts that the kernel tells of this program, which are those of its first
// thread: they must not be the ones in which overlays were tried.
func TestTryOverlayStaysApart(t *testing.T) {
	const mounts = "/proc/self/ns/mnt"
	before, err := os.Readlink(mounts)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for range 100 { // which thread a goroutine gets is chance
		err := tryOverlay(dir)
		var missing *isolators.MissingError
		if errors.As(err, &missing) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if now, err := os.Readlink(mounts); err != nil || now != before {
			t.Fatalf("mount namespace of the program: got %s, %v, want %s as before", now, err, before)
		}
	}
}
