package cgroups

import (
	"errors"
	"fmt"
	"math"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

const (
	megabyte = 1 << 20
	minMem   = 32 * megabyte // a container never gets less: it could not even start
)

// softMem and hardMem are the bytes that a demand means.
func softMem(d isolators.Demand) uint64 { return max(d.Mem, minMem) }

func hardMem(d isolators.Demand) uint64 {
	switch d.MemLimit {
	case 0:
		return softMem(d)
	case isolators.Unlimited:
		return isolators.Unlimited
	}
	return max(d.MemLimit, minMem)
}

// bytes as the files of a version take them.
func bytes(version int, n uint64) string {
	switch {
	case n != isolators.Unlimited:
		return fmt.Sprint(n)
	case version == 2:
		return "max"
	}
	return "-1"
}

func updateMemory(o Options, d cgroup.Dir, old, now isolators.Demand) error {
	soft, hard := bytes(d.Version, softMem(now)), hardMem(now)
	if d.Version == 2 {
		// The kernel would kill rather than refuse.
		if used, err := d.Number("memory.current"); err != nil || used > hard {
			return errors.Join(err, inUse(used, hard))
		}
		if err := d.Write("memory.low", soft); err != nil {
			return err
		}
		return d.Write("memory.max", bytes(2, hard))
	}
	if err := d.Write("memory.soft_limit_in_bytes", soft); err != nil {
		return err
	}
	files := []string{"memory.limit_in_bytes"}
	if o.LimitSwap {
		if !d.Has(swapLimit) {
			return &isolators.MissingError{Feature: "limit of memory and swap", Needs: "a kernel with CONFIG_MEMCG_SWAP, booted with swapaccount=1"}
		}
		// The limit of both may at no time be below that of memory alone.
		if files = append(files, swapLimit); !old.IsZero() && hard > hardMem(old) {
			files[0], files[1] = files[1], files[0]
		}
	}
	for _, f := range files {
		err := d.Write(f, bytes(1, hard))
		if errors.Is(err, unix.EBUSY) {
			used, _ := d.Number("memory.usage_in_bytes")
			return errors.Join(inUse(used, hard), err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const swapLimit = "memory.memsw.limit_in_bytes"

func inUse(used, limit uint64) error {
	if used <= limit {
		return nil
	}
	return fmt.Errorf("memory limit %s: %s are in use, want at least that", inMB(limit), inMB(used))
}

func inMB(n uint64) string {
	if n == isolators.Unlimited {
		return "unlimited"
	}
	return fmt.Sprintf("%gMB", math.Round(float64(n)/megabyte*1000)/1000)
}

func usageMemory(_ *Isolator, g *group, d cgroup.Dir, to *v1.ResourceStatistics) error {
	stat, err := d.Table("memory.stat")
	if err != nil {
		return err
	}
	if d.Version == 2 {
		return usageMemory2(d, stat, to)
	}
	total, err := d.Number("memory.usage_in_bytes")
	if err != nil {
		return err
	}
	to.MemTotalBytes = proto.Uint64(total)
	if n, err := d.Number("memory.memsw.usage_in_bytes"); err == nil {
		to.MemTotalMemswBytes = proto.Uint64(n)
	}
	if n, err := d.Number("memory.kmem.usage_in_bytes"); err == nil {
		to.MemKmemUsageBytes = proto.Uint64(n)
	}
	if n, err := d.Number("memory.kmem.tcp.usage_in_bytes"); err == nil {
		to.MemKmemTcpUsageBytes = proto.Uint64(n)
	}
	limit, err := d.Number("memory.limit_in_bytes")
	if err != nil {
		return err
	}
	to.MemLimitBytes = proto.Uint64(limit)
	if soft, err := d.Number("memory.soft_limit_in_bytes"); err == nil {
		to.MemSoftLimitBytes = proto.Uint64(soft)
	}
	setMemory(to, stat["total_cache"], stat["total_rss"], stat["total_mapped_file"], stat["total_swap"], stat["total_unevictable"])
	to.MemLowPressureCounter = g.pressure[0].count()
	to.MemMediumPressureCounter = g.pressure[1].count()
	to.MemCriticalPressureCounter = g.pressure[2].count()
	return nil
}

func usageMemory2(d cgroup.Dir, stat map[string]uint64, to *v1.ResourceStatistics) error {
	total, err := d.Number("memory.current")
	if err != nil {
		return err
	}
	limit, err := d.Number("memory.max")
	if err != nil {
		return err
	}
	to.MemTotalBytes, to.MemLimitBytes = proto.Uint64(total), proto.Uint64(limit)
	if low, err := d.Number("memory.low"); err == nil {
		to.MemSoftLimitBytes = proto.Uint64(low)
	}
	if kernel, ok := stat["kernel"]; ok {
		to.MemKmemUsageBytes = proto.Uint64(kernel)
	}
	swap := uint64(0)
	if n, err := d.Number("memory.swap.current"); err == nil {
		swap = n
		to.MemTotalMemswBytes = proto.Uint64(total + n)
	}
	setMemory(to, stat["file"], stat["anon"], stat["file_mapped"], swap, stat["unevictable"])
	return nil
}

// setMemory fills the figures that both versions have, some under two names.
func setMemory(to *v1.ResourceStatistics, cache, rss, mapped, swap, unevictable uint64) {
	to.MemCacheBytes, to.MemFileBytes = proto.Uint64(cache), proto.Uint64(cache)
	to.MemRssBytes, to.MemAnonBytes = proto.Uint64(rss), proto.Uint64(rss)
	to.MemMappedFileBytes = proto.Uint64(mapped)
	to.MemSwapBytes = proto.Uint64(swap)
	to.MemUnevictableBytes = proto.Uint64(unevictable)
}
