package chronos_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"mesos/actors/simtest"
)

// TestSummaryTellsTheNextRun wants the next slot of each job that has one.
func TestSummaryTellsTheNextRun(t *testing.T) {
	simtest.Run(t, simtest.Options{Agents: 0}, func(c *simtest.Cluster) {
		w := newWorld(t, c)
		want := map[string]string{"cron": "2036-01-01T02:00:00.000Z", "rests": "", "child": "", "over": ""}
		w.add(`{"name":"cron","command":"true","schedule":"R/2036-01-01T03:00:00/P1Y","scheduleTimeZone":"Europe/Berlin"}`)
		w.add(`{"name":"rests","command":"true","schedule":"R/2036-01-01T03:00:00Z/P1Y","disabled":true}`)
		w.add(`{"name":"child","command":"true","parents":["cron"]}`)
		w.add(`{"name":"over","command":"true","schedule":"R0/2036-01-01T00:00:00Z/PT1H"}`)
		_, text := w.ask(http.MethodGet, "/v1/scheduler/jobs/summary", "")
		var s struct{ Jobs []struct{ Name, Next string } }
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		for _, j := range s.Jobs {
			if j.Next != want[j.Name] {
				t.Errorf("%s: got next %q, want %q", j.Name, j.Next, want[j.Name])
			}
			delete(want, j.Name)
		}
		if len(want) > 0 {
			t.Errorf("the summary leaves out %v", want)
		}
	})
}
