package daemon

import (
	"encoding/json"
	"fmt"

	"mesos/actors/agent"
	"mesos/actors/agent/oversubscription"
	"mesos/actors/agent/oversubscription/machine"
	"mesos/cmd/flags"
)

// oversubscriptionFlags are those about resources that are lent twice.
var oversubscriptionFlags = []string{"resource_estimator", "qos_controller", "qos_correction_interval_min", "oversubscribed_resources_interval"}

// oversubscriptionFrom reads what an agent lends, and who ends when that goes wrong.
func oversubscriptionFrom(f *flags.Set, c *agent.Config) error {
	estimator, err := parametersFrom(f, "resource_estimator")
	if err == nil {
		c.Estimator, err = oversubscription.NewEstimator(f.String("resource_estimator"), estimator)
	}
	if err != nil {
		return fmt.Errorf("flag --resource_estimator: %w", err)
	}
	controller, err := parametersFrom(f, "qos_controller")
	if err == nil {
		c.QoS, err = oversubscription.NewController(f.String("qos_controller"), controller)
	}
	if err != nil {
		return fmt.Errorf("flag --qos_controller: %w", err)
	}
	c.OversubscribedInterval, c.QoSInterval = f.Duration("oversubscribed_resources_interval"), f.Duration("qos_correction_interval_min")
	if c.OversubscribedInterval <= 0 {
		return fmt.Errorf("flag --oversubscribed_resources_interval: %s must be more than 0", c.OversubscribedInterval)
	}
	c.Machine = machine.Measure
	return nil
}

// parametersFrom are those that --modules has for the value of a flag, and those of the flag's own --…_parameters.
func parametersFrom(f *flags.Set, flag string) (oversubscription.Parameters, error) {
	p := oversubscription.Parameters{}
	list, err := modulesFrom(f)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		if m.Name == f.String(flag) {
			for _, x := range m.Parameters {
				p[x.Key] = x.Value
			}
		}
	}
	if text := f.String(flag + "_parameters"); text != "" {
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return nil, fmt.Errorf("flag --%s_parameters: want a JSON object of strings: %w", flag, err)
		}
	}
	return p, nil
}
