// Package tuning reads the labels by which a task, or the executor of many, asks for what resources have no names for: cores of
// its own, and a share and bounds of what it does to disks. The master checks them, agents' isolators act on them. It keeps
// nothing.
package tuning

import (
	"fmt"
	"strconv"
	"strings"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/units"
)

// The labels.
const (
	CPUSet   = "MESOS_CPUSET"    // cores, as in 0-3,8
	IOWeight = "MESOS_IO_WEIGHT" // against other containers, 10 to 1000, of which 100 is usual
	IOLimits = "MESOS_IO_LIMITS" // as in: read_bytes=10MB write_ops=200; /dev/sdb write_bytes=1MB
)

// The least and the greatest weight, which are those of the engines that make containers.
const (
	LeastWeight = 10
	MostWeight  = 1000
)

// Tuning is what labels ask for. The zero value is nothing.
type Tuning struct {
	CPUSet   string // a list of cores, "" for all
	IOWeight uint16 // 0 for the usual
	IO       []IOLimit
}

// IOLimit bounds the access to one disk, each figure per second; 0 does not.
type IOLimit struct {
	Disk                  string // path of its node, or of anything on it; "" is the one that the sandbox is on
	ReadBytes, WriteBytes uint64
	ReadOps, WriteOps     uint64
}

// Label is one of those that ask for something, "" if none does.
func (t Tuning) Label() string {
	switch {
	case t.CPUSet != "":
		return CPUSet
	case t.IOWeight > 0:
		return IOWeight
	case len(t.IO) > 0:
		return IOLimits
	}
	return ""
}

// Disks says that it asks for something about disks.
func (t Tuning) Disks() bool { return t.IOWeight > 0 || len(t.IO) > 0 }

// Of is what labels ask for. Errors name the label, what is wrong in it and what would be right.
func Of(labels *v1.Labels) (t Tuning, err error) {
	for _, l := range labels.GetLabels() {
		switch v := l.GetValue(); l.GetKey() {
		case CPUSet:
			t.CPUSet, err = cores(v)
		case IOWeight:
			t.IOWeight, err = weight(v)
		case IOLimits:
			t.IO, err = limits(v)
		}
		if err != nil {
			return Tuning{}, fmt.Errorf("label %s: %w", l.GetKey(), err)
		}
	}
	return t, nil
}

// cores checks a list of them. Whether the machine has those only an agent knows.
func cores(text string) (string, error) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 16)
		to, err2 := strconv.ParseUint(last, 10, 16)
		if err1 != nil || err2 != nil || from > to {
			return "", fmt.Errorf("%q is no list of cores: write one like 0-3,8", text)
		}
	}
	return text, nil
}

func weight(text string) (uint16, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n < LeastWeight || n > MostWeight {
		return 0, fmt.Errorf("%q is no weight: write a whole number from %d to %d; 100 is usual", text, LeastWeight, MostWeight)
	}
	return uint16(n), nil
}

func limits(text string) (all []IOLimit, err error) {
	for part := range strings.SplitSeq(text, ";") {
		l, err := limit(strings.Fields(part))
		if err != nil {
			return nil, err
		}
		for _, other := range all {
			if other.Disk == l.Disk {
				return nil, fmt.Errorf("disk %q has two lists: write one, with all that bounds it", l.Disk)
			}
		}
		all = append(all, l)
	}
	return all, nil
}

func limit(words []string) (l IOLimit, err error) {
	if len(words) > 0 && strings.HasPrefix(words[0], "/") {
		l.Disk, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return l, fmt.Errorf("a list of a disk has no bounds: write read_bytes=, write_bytes=, read_ops= or write_ops=")
	}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		var n uint64
		switch key {
		case "read_bytes", "write_bytes":
			n, err = size(value)
		case "read_ops", "write_ops":
			n, err = strconv.ParseUint(value, 10, 32)
		default:
			return l, fmt.Errorf("%q is no bound: use read_bytes=, write_bytes=, read_ops=, write_ops=, before them a disk like /dev/sdb, and ; between disks", w)
		}
		if err != nil || n == 0 {
			return l, fmt.Errorf("%q: want a figure per second, like read_bytes=10MB or write_ops=200", w)
		}
		switch key {
		case "read_bytes":
			l.ReadBytes = n
		case "write_bytes":
			l.WriteBytes = n
		case "read_ops":
			l.ReadOps = n
		case "write_ops":
			l.WriteOps = n
		}
	}
	return l, nil
}

// size takes bytes as a plain number, too.
func size(text string) (uint64, error) {
	if n, err := strconv.ParseUint(text, 10, 62); err == nil {
		return n, nil
	}
	b, err := units.ParseBytes(text)
	return uint64(b), err
}
