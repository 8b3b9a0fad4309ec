package daemon

import (
	"encoding/json"
	"errors"
	"fmt"

	"mesos/actors/agent/oversubscription"
	"mesos/cmd/flags"
)

// moduleList is what --modules holds. Libraries cannot be loaded; the modules
// that are built in take their parameters as they would in Mesos.
type moduleList struct {
	Libraries []struct {
		Modules []module `json:"modules"`
	} `json:"libraries"`
}

type module struct {
	Name       string `json:"name"`
	Parameters []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"parameters"`
}

// modulesFrom reads --modules, and refuses what is not built in.
func modulesFrom(f *flags.Set) (out []module, err error) {
	text := f.String("modules")
	if text == "" {
		return nil, nil
	}
	var list moduleList
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("flag --modules: want a JSON object with \"libraries\": %w", err)
	}
	for _, l := range list.Libraries {
		for _, m := range l.Modules {
			if m.Name != rotatingLogger && !oversubscription.IsModule(m.Name) {
				return nil, m.wrong(errors.New("modules cannot be loaded; built in are " + rotatingLogger +
					", org_apache_mesos_FixedResourceEstimator and org_apache_mesos_LoadQoSController"))
			}
			out = append(out, m)
		}
	}
	return out, nil
}

func (m module) wrong(err error) error {
	return fmt.Errorf("flag --modules: module %q: %w", m.Name, err)
}
