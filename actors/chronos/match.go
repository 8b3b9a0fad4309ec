package chronos

import (
	"slices"
	"strconv"

	"mesos/actors/chronos/job"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// allowed says whether the agent of an offer is one that the job may run on. An agent that has no attribute hostname has its
// host as that.
func allowed(j *job.Job, o *v1.Offer) bool {
	for _, c := range j.Constraints {
		values := attribute(o, string(c[0]))
		match := func(v string) bool { return v == string(c[2]) }
		if c[1] != "EQUALS" {
			pattern, err := job.Pattern(string(c[2]))
			if err != nil {
				return false // Decode refuses it
			}
			match = pattern.MatchString
		}
		found := false
		for _, v := range values {
			found = found || match(v)
		}
		if found == (c[1] == "UNLIKE") {
			return false
		}
	}
	return true
}

// attribute are the values of an agent's attribute; ranges have none.
func attribute(o *v1.Offer, name string) (values []string) {
	for _, a := range o.GetAttributes() {
		if a.GetName() != name {
			continue
		}
		switch a.GetType() {
		case v1.Value_TEXT:
			values = append(values, a.GetText().GetValue())
		case v1.Value_SCALAR:
			values = append(values, strconv.FormatFloat(a.GetScalar().GetValue(), 'f', -1, 64))
		case v1.Value_SET:
			values = append(values, a.GetSet().GetItem()...)
		}
	}
	if values == nil && name == "hostname" {
		return []string{o.GetHostname()}
	}
	return values
}

// take finds what a job needs in what is left of an offer, what is reserved for it first.
func take(j *job.Job, left resources.Resources) (taken resources.Resources, ok bool) {
	for _, need := range []struct {
		name   string
		amount job.Number
	}{{"cpus", j.CPUs}, {"mem", j.Mem}, {"disk", j.Disk}} {
		part, ok := takeScalar(left, need.name, resources.FromFloat(float64(need.amount)))
		if !ok {
			return resources.Resources{}, false
		}
		taken = taken.Add(part)
	}
	return taken, true
}

// takeScalar collects an amount of what is plain: no volumes, nothing that may be taken back.
func takeScalar(left resources.Resources, name string, amount resources.Quantity) (resources.Resources, bool) {
	plain := left.Filter(func(r resources.Resource) bool {
		return r.Name() == name && r.Type() == v1.Value_SCALAR && r.Disk() == nil && !r.IsRevocable() && !r.IsShared() && r.ProviderID() == ""
	})
	var amounts []resources.Amount
	for _, reserved := range []bool{true, false} {
		i := 0
		for r := range plain.All() {
			if r.IsReserved() == reserved {
				part := min(amount, r.Quantity())
				amounts = append(amounts, resources.Amount{Place: i, Quantity: part})
				amount -= part
			}
			i++
		}
	}
	slices.SortFunc(amounts, func(a, b resources.Amount) int { return a.Place - b.Place })
	return plain.WithAmounts(amounts), amount == 0
}
