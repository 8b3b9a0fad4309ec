package registry

import (
	"cmp"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
)

// Limit says how long and how many entries of what is over are kept, of each sort.
type Limit struct {
	Age   time.Duration
	Count int
}

// Prune forgets unreachable and gone agents and removed frameworks that are too
// old or too many, the oldest first, but at most so many at a time. It may change one
// row more.
func Prune(now time.Time, limit Limit, most int) Operation {
	return func(s *State) ([]Change, error) {
		var out []Change
		for _, t := range []Table{Unreachable, Gone, Frameworks} {
			out = append(out, s.outdated(t, now, limit)...)
		}
		return s.forgetting(out[:min(len(out), most)]), nil
	}
}

// outdated are the entries of a table to be forgotten, oldest first.
func (s *State) outdated(t Table, now time.Time, limit Limit) (out []Change) {
	type aged struct {
		key   string
		since int64
	}
	var all []aged
	for key, m := range s.rows[t] {
		if since := over(m); since != nil {
			all = append(all, aged{key, since.GetNanoseconds()})
		}
	}
	tooMany, oldest := len(all)-limit.Count, now.Add(-limit.Age).UnixNano()
	all = slices.DeleteFunc(all, func(a aged) bool { return tooMany <= 0 && a.since >= oldest })
	slices.SortFunc(all, func(a, b aged) int { return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.key, b.key)) })
	for i, a := range all {
		if i < tooMany || a.since < oldest {
			out = append(out, drop(t, a.key))
		}
	}
	return out
}

// over is since when an entry is over, nil for one that is not.
func over(m proto.Message) *v1.TimeInfo {
	switch m := m.(type) {
	case *internalpb.Registry_UnreachableSlave:
		return m.GetTimestamp()
	case *internalpb.Registry_GoneSlave:
		return m.GetTimestamp()
	case *linkpb.RegistryFramework:
		return m.GetRemoved()
	}
	return nil
}
