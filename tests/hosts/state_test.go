package hosts

import (
	"net/http"
	"slices"
	"strings"

	"mesos/tests/cluster"
)

// state is what these tests read of /state, of masters and agents.
type state struct {
	ID         string  `json:"id"`
	Active     float64 `json:"activated_slaves"`
	Frameworks []struct {
		Active      bool   `json:"active"`
		Tasks       []task `json:"tasks"`
		Completed   []task `json:"completed_tasks"`
		Unreachable []task `json:"unreachable_tasks"`
		Executors   []struct {
			Tasks     []task `json:"tasks"`
			Completed []task `json:"completed_tasks"`
			Queued    []task `json:"queued_tasks"`
		} `json:"executors"`
		CompletedExecutors []struct {
			ID string `json:"id"`
		} `json:"completed_executors"`
	} `json:"frameworks"`
}

type task struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

// leading is the master among candidates that leads and has read the registry, nil if
// none does, and what it says.
func leading(candidates []*cluster.Process) (*cluster.Process, state) {
	for _, m := range candidates {
		var s state
		if serves(m) && getJSON(m.URL("/state"), &s) == nil {
			return m, s
		}
	}
	return nil, state{}
}

// serves says whether a master answers calls of the operator API.
func serves(m *cluster.Process) bool {
	r, err := client.Post(m.URL("/api/v1"), "application/json", strings.NewReader(`{"type":"GET_MASTER"}`))
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// running are the tasks that run, as a master says, each once.
func (s state) running() (out []string) {
	for _, f := range s.Frameworks {
		for _, t := range f.Tasks {
			if t.State == "TASK_RUNNING" && f.Active {
				out = append(out, t.ID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// notRunning are the tasks that a master knows in any other state, or twice.
func (s state) notRunning() (out []string) {
	for _, f := range s.Frameworks {
		known := map[string]bool{}
		for _, t := range slices.Concat(f.Tasks, f.Completed, f.Unreachable) {
			if t.State != "TASK_RUNNING" || known[t.ID] {
				out = append(out, t.ID+" "+t.State)
			}
			known[t.ID] = true
		}
	}
	return out
}

// onAgent are the tasks that an agent says it has, whatever became of them.
func (s state) onAgent() (out []string) {
	for _, f := range s.Frameworks {
		for _, e := range f.Executors {
			for _, t := range slices.Concat(e.Tasks, e.Completed, e.Queued) {
				out = append(out, t.ID)
			}
		}
		for _, e := range f.CompletedExecutors {
			out = append(out, e.ID)
		}
	}
	return out
}
