package marathon

import "mesos/actors/marathon/plan"

// ActionJSON is an action as clients read it.
type ActionJSON struct {
	Action    string             `json:"action"`
	App       string             `json:"app,omitempty"`
	Pod       string             `json:"pod,omitempty"`
	Readiness []*ReadinessResult `json:"readinessCheckResults,omitempty"`
}

// StepJSON is a step as clients read it.
type StepJSON struct {
	Actions []ActionJSON `json:"actions"`
}

func actionsJSON(list []plan.Action) []ActionJSON {
	out := []ActionJSON{}
	for _, a := range list {
		x := ActionJSON{Action: a.Name(), App: a.ID}
		if a.Pod {
			x.App, x.Pod = "", a.ID
		}
		out = append(out, x)
	}
	return out
}

func stepsJSON(d *plan.Deployment) []StepJSON {
	out := []StepJSON{}
	for _, s := range d.Steps {
		out = append(out, StepJSON{actionsJSON(s.Actions)})
	}
	return out
}

func planJSON(d *plan.Deployment) map[string]any {
	return map[string]any{"id": d.ID, "version": d.Version, "steps": stepsJSON(d)}
}

func currentStep(d *plan.Deployment) any {
	if d.Step < len(d.Steps) {
		return StepJSON{actionsJSON(d.Steps[d.Step].Actions)}
	}
	return nil
}
