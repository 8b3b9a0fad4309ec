package agent

import (
	"testing"

	"mesos/isolators"
	"mesos/messages/jsonwriter"
)

// TestFigures is the shape that readers of /monitor/statistics see.
func TestFigures(t *testing.T) {
	j := &jsonwriter.Writer{}
	writeFigures(j, []isolators.Figure{
		{Name: "network_bytes", Labels: []isolators.Label{{Name: "direction", Value: "receive"}}, Grows: true, Value: 12},
		{Name: "process_exits"},
		{Name: "cpu_wait_seconds", Times: &isolators.Histogram{Count: 3, Sum: 2.5, Buckets: []isolators.Bucket{{Seconds: 0.5, Count: 1}}}},
	})
	want := `[{"name":"network_bytes","labels":{"direction":"receive"},"value":12.0},{"name":"process_exits","labels":{},"value":0.0},` +
		`{"name":"cpu_wait_seconds","labels":{},"count":3,"sum":2.5,"buckets":[{"seconds":0.5,"count":1}]}]`
	if got, err := j.Bytes(); string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}
