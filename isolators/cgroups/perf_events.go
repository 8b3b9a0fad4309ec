package cgroups

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/reflect/protoreflect"

	v1 "mesos/messages/mesos/v1"
)

// perfEvent is something that the kernel counts, or the processor.
type perfEvent struct {
	name   string // as perf list writes it, in lower case; with "_" for "-" the field of PerfStatistics
	kind   uint32 // PERF_TYPE_…
	config uint64
}

// perfEvents are those that PerfStatistics has fields for.
var perfEvents = slices.Concat([]perfEvent{
	{"cycles", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CPU_CYCLES},
	{"stalled-cycles-frontend", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_STALLED_CYCLES_FRONTEND},
	{"stalled-cycles-backend", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_STALLED_CYCLES_BACKEND},
	{"instructions", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS},
	{"cache-references", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CACHE_REFERENCES},
	{"cache-misses", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CACHE_MISSES},
	{"branches", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
	{"branch-misses", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BRANCH_MISSES},
	{"bus-cycles", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_BUS_CYCLES},
	{"ref-cycles", unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_REF_CPU_CYCLES},
	{"cpu-clock", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CPU_CLOCK},
	{"task-clock", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_TASK_CLOCK},
	{"page-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS},
	{"minor-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS_MIN},
	{"major-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS_MAJ},
	{"context-switches", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CONTEXT_SWITCHES},
	{"cpu-migrations", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_CPU_MIGRATIONS},
	{"alignment-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_ALIGNMENT_FAULTS},
	{"emulation-faults", unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_EMULATION_FAULTS},
},
	cacheEvents("l1-dcache", unix.PERF_COUNT_HW_CACHE_L1D, "load", "store", "prefetch"),
	cacheEvents("l1-icache", unix.PERF_COUNT_HW_CACHE_L1I, "load", "prefetch"),
	cacheEvents("llc", unix.PERF_COUNT_HW_CACHE_LL, "load", "store", "prefetch"),
	cacheEvents("dtlb", unix.PERF_COUNT_HW_CACHE_DTLB, "load", "store", "prefetch"),
	cacheEvents("itlb", unix.PERF_COUNT_HW_CACHE_ITLB, "load"),
	cacheEvents("branch", unix.PERF_COUNT_HW_CACHE_BPU, "load"),
	cacheEvents("node", unix.PERF_COUNT_HW_CACHE_NODE, "load", "store", "prefetch"),
)

// cacheEvents are how often a cache was asked, and how often in vain.
func cacheEvents(cache string, id uint64, operations ...string) (out []perfEvent) {
	codes := map[string]uint64{
		"load": unix.PERF_COUNT_HW_CACHE_OP_READ, "store": unix.PERF_COUNT_HW_CACHE_OP_WRITE, "prefetch": unix.PERF_COUNT_HW_CACHE_OP_PREFETCH,
	}
	for _, o := range operations {
		config := id | codes[o]<<8
		plural := o + "s"
		if o == "prefetch" {
			plural = o + "es"
		}
		out = append(out,
			perfEvent{cache + "-" + plural, unix.PERF_TYPE_HW_CACHE, config | unix.PERF_COUNT_HW_CACHE_RESULT_ACCESS<<16},
			perfEvent{cache + "-" + o + "-misses", unix.PERF_TYPE_HW_CACHE, config | unix.PERF_COUNT_HW_CACHE_RESULT_MISS<<16})
	}
	return out
}

// perfAliases are other names that perf has for some.
var perfAliases = map[string]string{
	"cpu-cycles": "cycles", "branch-instructions": "branches", "idle-cycles-frontend": "stalled-cycles-frontend",
	"idle-cycles-backend": "stalled-cycles-backend", "faults": "page-faults", "cs": "context-switches", "migrations": "cpu-migrations",
}

// findPerfEvent finds one by what people call it: "L1-dcache-loads", "page_faults", "cs".
func findPerfEvent(text string) (perfEvent, error) {
	name := strings.ReplaceAll(strings.ToLower(text), "_", "-")
	if full, alias := perfAliases[name]; alias {
		name = full
	}
	for _, e := range perfEvents {
		if e.name == name {
			return e, nil
		}
	}
	return perfEvent{}, fmt.Errorf("unknown event %q: want some of %s", text, strings.Join(perfNames(perfEvents), ", "))
}

func perfNames(events []perfEvent) (names []string) {
	for _, e := range events {
		names = append(names, e.name)
	}
	return names
}

// set puts a count into the field for it. Clocks count nanoseconds and are told in milliseconds, as perf does.
func (e perfEvent) set(to *v1.PerfStatistics, count uint64) {
	m := to.ProtoReflect()
	field := m.Descriptor().Fields().ByName(protoreflect.Name(strings.ReplaceAll(e.name, "-", "_")))
	if field.Kind() == protoreflect.DoubleKind {
		m.Set(field, protoreflect.ValueOfFloat64(float64(count)/1e6))
		return
	}
	m.Set(field, protoreflect.ValueOfUint64(count))
}
