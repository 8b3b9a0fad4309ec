package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mesos/cmd/mesos/internal/client"
)

// number prints cpus and MB without needless zeros.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// ofTotal prints how much of a total is used.
func ofTotal(used, total float64) string { return number(used) + "/" + number(total) }

// since prints how long ago a time was, in the two units that matter; "" for never.
func since(then, now time.Time) string {
	if then.IsZero() {
		return ""
	}
	d := max(now.Sub(then), 0).Truncate(time.Second)
	days := int(d.Hours()) / 24
	switch {
	case days > 0:
		return fmt.Sprintf("%dd%dh", days, int(d.Hours())%24)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%dm", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%ds", int(d.Seconds()))
}

// stamp prints a time for programs, nil for never.
func stamp(seconds float64) *string {
	if seconds == 0 {
		return nil
	}
	s := client.Time(seconds).UTC().Format(time.RFC3339Nano)
	return &s
}

// shortState is a task state without its prefix.
func shortState(s string) string { return strings.ToLower(strings.TrimPrefix(s, "TASK_")) }

func attributes(a map[string]any) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(a)) {
		out = append(out, fmt.Sprintf("%s:%v", k, a[k]))
	}
	return strings.Join(out, ";")
}

// amounts prints what is not zero of some resources.
func amounts(r client.Resources) string {
	var out []string
	for _, a := range []struct {
		name   string
		amount float64
	}{{"cpus", r.CPUs}, {"mem", r.Mem}, {"disk", r.Disk}, {"gpus", r.GPUs}} {
		if a.amount != 0 {
			out = append(out, a.name+":"+number(a.amount))
		}
	}
	if r.Ports != "" {
		out = append(out, "ports:"+r.Ports)
	}
	return strings.Join(out, ";")
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
