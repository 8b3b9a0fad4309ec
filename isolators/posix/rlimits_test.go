package posix

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

func TestSuite(t *testing.T) {
	for name, make := range map[string]func() (isolators.Isolator, error){
		"posix/rlimits": func() (isolators.Isolator, error) { return NewRLimits(), nil },
		CPU:             func() (isolators.Isolator, error) { return NewUsage(CPU) },
		Mem:             func() (isolators.Isolator, error) { return NewUsage(Mem) },
	} {
		t.Run(name, func(t *testing.T) {
			isolatortest.Run(t, isolatortest.Subject{New: func(t *testing.T) isolators.Isolator {
				i, err := make()
				if err != nil {
					t.Fatal(err)
				}
				if i.Name() != name {
					t.Errorf("name: got %s, want %s", i.Name(), name)
				}
				return i
			}})
		})
	}
}

func limit(kind v1.RLimitInfo_RLimit_Type, soft, hard *uint64) *v1.ContainerInfo {
	return &v1.ContainerInfo{RlimitInfo: &v1.RLimitInfo{Rlimits: []*v1.RLimitInfo_RLimit{{Type: kind.Enum(), Soft: soft, Hard: hard}}}}
}

func TestRLimits(t *testing.T) {
	r := NewRLimits()
	n := proto.Uint64
	info := limit(v1.RLimitInfo_RLimit_RLMT_NOFILE, n(50), n(60))
	info.RlimitInfo.Rlimits = append(info.RlimitInfo.Rlimits, limit(v1.RLimitInfo_RLimit_RLMT_CORE, n(0), n(0)).RlimitInfo.Rlimits...)
	if err := r.Prepare(t.Context(), isolators.Container{ID: "c", Info: info}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	p := isolatortest.Start(t, "ulimit -Sn; ulimit -Hn; ulimit -Sc; sh -c 'ulimit -Sn'")
	if err := r.Isolate(t.Context(), "c", p.PID); err != nil {
		t.Fatal(err)
	}
	p.Release()
	if out, err := p.Wait(); err != nil || out != "50\n60\n0\n50\n" {
		t.Errorf("limits: got %q, %v, want 50, 60, 0, and 50 for a child", out, err)
	}
}

func TestBadRLimits(t *testing.T) {
	n := proto.Uint64
	for _, c := range []struct {
		info *v1.ContainerInfo
		want string
	}{
		{limit(v1.RLimitInfo_RLimit_UNKNOWN, n(1), n(1)), "type UNKNOWN: want"},
		{limit(99, n(1), n(1)), "type 99: want"},
		{limit(v1.RLimitInfo_RLimit_RLMT_CPU, n(1), nil), "RLMT_CPU: want both"},
		{limit(v1.RLimitInfo_RLimit_RLMT_CPU, nil, n(1)), "RLMT_CPU: want both"},
		{limit(v1.RLimitInfo_RLimit_RLMT_CPU, n(2), n(1)), "soft 2 is above hard 1"},
	} {
		err := NewRLimits().Prepare(t.Context(), isolators.Container{ID: "c", Info: c.info}, &boot.Launch{})
		if err == nil || !strings.Contains(err.Error(), "container.rlimit_info.rlimits[0]: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want an error with %q", c.info, err, c.want)
		}
	}
}

// TestNoRight raises a hard limit: either the machine lets us, or says what is missing.
func TestNoRight(t *testing.T) {
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
		t.Fatal(err)
	}
	r := NewRLimits()
	more := proto.Uint64(now.Max + 1)
	if err := r.Prepare(t.Context(), isolators.Container{ID: "c", Info: limit(v1.RLimitInfo_RLimit_RLMT_NOFILE, more, more)}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	p := isolatortest.Start(t, "")
	err := r.Isolate(t.Context(), "c", p.PID)
	var missing *isolators.MissingError
	if err != nil && !errors.As(err, &missing) {
		t.Errorf("raised hard limit: got %v, want a MissingError", err)
	}
}

// TestUsage wants what a child of the first process used, too.
func TestUsage(t *testing.T) {
	cpu, err := NewUsage(CPU)
	if err != nil {
		t.Fatal(err)
	}
	mem, err := NewUsage(Mem)
	if err != nil {
		t.Fatal(err)
	}
	cpu.CountPIDs = true
	both := isolators.NewSet(cpu, mem)
	if err := both.Prepare(t.Context(), isolators.Container{ID: "c"}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	p := isolatortest.Start(t, "sh -c 'n=0; while [ $n -lt 200000 ]; do n=$((n+1)); done; exec sleep 1000'; true")
	if err := both.Isolate(t.Context(), "c", p.PID); err != nil {
		t.Fatal(err)
	}
	p.Release()
	s := &v1.ResourceStatistics{}
	isolatortest.Eventually(t, "two processes and 50 ms of cpu time", func() bool {
		if err := both.Usage("c", s); err != nil {
			t.Fatal(err)
		}
		return s.GetProcesses() == 2 && s.GetCpusUserTimeSecs()+s.GetCpusSystemTimeSecs() >= 0.05
	})
	if page := uint64(os.Getpagesize()); s.GetThreads() != 2 || s.GetMemRssBytes() < 2*page {
		t.Errorf("threads and memory: got %d and %d, want 2 and at least %d", s.GetThreads(), s.GetMemRssBytes(), 2*page)
	}
}
