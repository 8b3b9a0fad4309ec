package oversubscription

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Parameters configure an estimator or controller, by name.
type Parameters map[string]string

// Those that there are, by all their names. The longer ones are those of Mesos's modules.
var (
	estimators = map[string]func(Parameters) (Estimator, error){
		"noop":  func(Parameters) (Estimator, error) { return nil, nil },
		"fixed": made[Estimator](NewFixed), "org_apache_mesos_FixedResourceEstimator": made[Estimator](NewFixed),
		"load": made[Estimator](NewSlack),
	}
	controllers = map[string]func(Parameters) (Controller, error){
		"noop": func(Parameters) (Controller, error) { return nil, nil },
		"load": made[Controller](NewLoad), "org_apache_mesos_LoadQoSController": made[Controller](NewLoad),
		"pressure": made[Controller](NewPressure),
	}
)

func made[I any, T any](new func(Parameters) (T, error)) func(Parameters) (I, error) {
	return func(p Parameters) (none I, err error) {
		t, err := new(p)
		if err != nil {
			return none, err
		}
		return any(t).(I), nil
	}
}

// NewEstimator makes one by its name, nil for "noop" and "". Errors list the names there are, or name the parameter.
func NewEstimator(name string, p Parameters) (Estimator, error) { return choose(estimators, name, p) }

// NewController makes one by its name, nil for "noop" and "". Errors are as those of NewEstimator.
func NewController(name string, p Parameters) (Controller, error) {
	return choose(controllers, name, p)
}

func choose[T any](from map[string]func(Parameters) (T, error), name string, p Parameters) (none T, err error) {
	if name == "" {
		name = "noop"
	}
	f := from[name]
	if f == nil {
		return none, fmt.Errorf("%q is not one of %s", name, strings.Join(slices.Sorted(maps.Keys(from)), ", "))
	}
	p = maps.Clone(p)
	if p == nil {
		p = Parameters{}
	}
	x, err := f(p)
	if err != nil {
		return none, fmt.Errorf("%s: %w", name, err)
	}
	for _, left := range slices.Sorted(maps.Keys(p)) {
		return none, fmt.Errorf("%s: there is no parameter %q", name, left)
	}
	return x, nil
}

// IsModule says that a name is that of a module of Mesos which is built in here.
func IsModule(name string) bool {
	return strings.HasPrefix(name, "org_apache_mesos_") && (estimators[name] != nil || controllers[name] != nil)
}

// take gives a parameter that must be there, and strikes it out.
func (p Parameters) take(name string) (string, error) {
	v, ok := p[name]
	if !ok || v == "" {
		return "", fmt.Errorf("parameter %s must be set", name)
	}
	delete(p, name)
	return v, nil
}

func (p Parameters) takeOr(name, otherwise string) (string, error) {
	if _, ok := p[name]; !ok {
		return otherwise, nil
	}
	return p.take(name)
}

// number is a parameter that is a number above 0 and up to most.
func (p Parameters) number(name string, otherwise, most float64) (float64, error) {
	text, err := p.takeOr(name, "")
	if err != nil || text == "" {
		return otherwise, err
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n <= most) {
		return 0, fmt.Errorf("parameter %s %q: want a number above 0, and at most %v", name, text, most)
	}
	return n, nil
}
