package match

import (
	"regexp"
	"strconv"

	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
)

// constraintsHold says whether another instance may stand beside peers on the offer's agent.
func constraintsHold(o *Offer, list []model.Constraint, peers []*model.Instance) bool {
	for _, c := range list {
		if !holds(o, c, peers) {
			return false
		}
	}
	return true
}

func holds(o *Offer, c model.Constraint, peers []*model.Instance) bool {
	v, ok := o.value(c.Field)
	switch c.Operator {
	case model.Unlike: // also where there is no such attribute
		return !ok || !matches(c.Value, v)
	case model.Like:
		return ok && matches(c.Value, v)
	case model.Is:
		return ok && is(c.Value, v)
	}
	if !ok {
		return false
	}
	here := 0
	perValue := map[string]int{}
	for _, p := range peers {
		at := plan.Value(p, c.Field)
		perValue[at]++
		if at == v {
			here++
		}
	}
	switch c.Operator {
	case model.Unique:
		return here == 0
	case model.Cluster:
		if c.Value != "" {
			return v == c.Value
		}
		return here == len(peers)
	case model.MaxPer:
		n, err := strconv.Atoi(c.Value)
		return err == nil && here < n
	case model.GroupBy:
		return groupBy(c, perValue, here)
	}
	return false
}

// groupBy wants no value to have more instances than the others. While fewer values
// are known than there are said to be, one without instances is awaited.
func groupBy(c model.Constraint, perValue map[string]int, here int) bool {
	values := 0
	if c.Value != "" {
		values, _ = strconv.Atoi(c.Value) // it was validated
	}
	least := -1
	for _, n := range perValue {
		if least < 0 || n < least {
			least = n
		}
	}
	if len(perValue) < values {
		least = 0 // of values that have none yet
	}
	return here == 0 || here <= least
}

// matches compares all of a value with a regular expression.
func matches(expression, value string) bool {
	re, err := regexp.Compile("^(?:" + expression + ")$")
	return err == nil && re.MatchString(value)
}

// is compares texts, and numbers by their value.
func is(want, value string) bool {
	x, err1 := strconv.ParseFloat(want, 64)
	y, err2 := strconv.ParseFloat(value, 64)
	return want == value || err1 == nil && err2 == nil && x == y
}

// Suits says whether an agent may have an instance of a service that runs on each, as
// far as constraints say it that do not look at others.
func Suits(o *Offer, s *model.Spec) bool {
	for _, c := range s.Constraints() {
		switch c.Operator {
		case model.Like, model.Unlike, model.Is, model.Cluster:
			if !holds(o, c, nil) {
				return false
			}
		}
	}
	return true
}
