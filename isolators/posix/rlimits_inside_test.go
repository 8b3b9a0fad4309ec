package posix

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// TestInside has limits set by the first process, and refuses at once what the kernel
// would refuse that.
func TestInside(t *testing.T) {
	r := NewRLimits()
	r.Inside = true
	prepare := func(id string, hard uint64) (*boot.Launch, error) {
		l := &boot.Launch{}
		info := &v1.ContainerInfo{RlimitInfo: &v1.RLimitInfo{Rlimits: []*v1.RLimitInfo_RLimit{{Type: v1.RLimitInfo_RLimit_RLMT_CORE.Enum(), Soft: proto.Uint64(0), Hard: &hard}}}}
		return l, r.Prepare(t.Context(), isolators.Container{ID: id, Info: info}, l)
	}
	l, err := prepare("a", 0)
	if err != nil || len(l.RLimits) != 1 || l.RLimits[0] != (boot.RLimit{Which: unix.RLIMIT_CORE}) {
		t.Errorf("got %v, %v, want no core files", l.RLimits, err)
	}
	if err := r.Isolate(t.Context(), "a", -1); err != nil { // of no process
		t.Errorf("isolate: got %v, want nothing to do", err)
	}
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	high := rlimit{name: "RLMT_CORE", which: unix.RLIMIT_CORE, Rlimit: unix.Rlimit{Max: before.Max}}
	if err := raisable(high); err != nil {
		t.Errorf("as high as it is: got %v", err)
	}
	var missing *isolators.MissingError
	if err := high.refused(unix.EPERM); !errors.As(err, &missing) {
		t.Errorf("got %v, want a MissingError", err)
	}
}
