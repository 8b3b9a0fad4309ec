package cgroups

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

// weighed is a disk of the driver null_blk, which serves one request after the other, each in the same time: what its
// scheduler bfq gives to one is what another waits for.
const weighed = "nullb0"

// TestWeightHolds has two containers read from a disk all the time, of which one has ten times the other's weight.
func TestWeightHolds(t *testing.T) {
	l := needKernel(t, "blkio")
	if by, err := os.ReadFile("/sys/block/" + weighed + "/queue/scheduler"); err != nil || !strings.Contains(string(by), "[bfq]") {
		t.Skipf("no disk %s with the scheduler bfq: %s%v", weighed, by, err)
	}
	var s unix.Stat_t
	if err := unix.Stat("/dev/"+weighed, &s); err != nil {
		t.Fatal(err)
	}
	i := on(t, l).ready(t, Options{}, "cgroups/blkio")
	for id, weight := range map[string]uint16{"light": 100, "heavy": 1000} {
		container(t, i, isolators.Container{ID: id, IOWeight: weight}, "for i in 1 2 3 4; do (while dd if=/dev/"+weighed+" of=/dev/null bs=4k count=1000 iflag=direct 2>/dev/null; do :; done) & done; wait; echo direct reads are impossible").Release()
	}
	reads := func(id string) (n float64) {
		for _, d := range usage(t, i, id).GetBlkioStatistics().GetThrottling() {
			for _, v := range d.IoServiced {
				if v.GetOp() == v1.CgroupInfo_Blkio_READ && d.Device.GetMajorNumber() == uint64(unix.Major(s.Rdev)) && d.Device.GetMinorNumber() == uint64(unix.Minor(s.Rdev)) {
					n += float64(v.GetValue())
				}
			}
		}
		return n
	}
	// Each has some that wait at any time, so that none is passed over for being late, and they take turns of some dozens.
	isolatortest.Eventually(t, "reads of both", func() bool { return reads("light") > 0 && reads("heavy") > 0 })
	light, heavy, share := reads("light"), reads("heavy"), 0.0
	isolatortest.Eventually(t, fmt.Sprintf("400 more reads of the light one than %v", light), func() bool { return reads("light") > light+400 })
	if share = (reads("heavy") - heavy) / (reads("light") - light); share < 2 || share > 20 {
		t.Errorf("reads of ten times the weight: got %.2f times as many, want at least twice", share)
	}
	t.Logf("ten times the weight: %.2f times as many reads", share)
}
