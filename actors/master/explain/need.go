package explain

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"mesos/actors/allocator"
	"mesos/messages/resources"
)

// needOf reads a need: role, framework_id, attribute=NAME:TEXT (may be repeated)
// and a parameter for each scalar.
func needOf(q url.Values) (allocator.Request, error) {
	need := allocator.Request{Role: "*", FrameworkID: q.Get("framework_id"), Attributes: map[string]string{}}
	amounts := map[string]resources.Quantity{}
	for name, values := range q {
		switch name {
		case "framework_id":
		case "role":
			need.Role = values[0]
		case "attribute":
			for _, v := range values {
				key, text, ok := strings.Cut(v, ":")
				if !ok || key == "" {
					return need, invalid("The parameter attribute is %.60q: write NAME:TEXT", v)
				}
				need.Attributes[key] = text
			}
		default:
			f, err := strconv.ParseFloat(values[0], 64)
			if err != nil || !(f >= 0) || math.IsInf(f, 0) {
				return need, invalid("The parameter %.60s is %.60q: it must be a number from 0 on", name, values[0])
			}
			amounts[name] = resources.FromFloat(f)
		}
	}
	if err := resources.ValidateRole(need.Role); err != nil {
		return need, invalid("The parameter role: %v", err)
	}
	need.Quantities = resources.QuantitiesFrom(func(yield func(string, resources.Quantity) bool) {
		for name, n := range amounts {
			if !yield(name, n) {
				return
			}
		}
	})
	if need.Quantities.IsEmpty() {
		return need, invalid("No need is given: name amounts, like cpus=4&mem=8192")
	}
	return need, nil
}
