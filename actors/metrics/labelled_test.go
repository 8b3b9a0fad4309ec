package metrics

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLabelled(t *testing.T) {
	r := NewRegistry()
	defer r.Close()
	remove := r.AddLabelled(func(emit func(Labelled)) {
		bytes, wait := &Desc{Kind: KindCounter, Help: "Bytes."}, &Desc{Kind: KindCounter, Help: "Waits."}
		for _, id := range []string{"a", `b"\`} {
			labels := []Label{{"container_id", id}, {"direction", "receive"}}
			emit(Labelled{Name: "container_bytes", Desc: bytes, Labels: labels, Value: 7})
			emit(Labelled{Name: "container_open", Desc: &Desc{Help: "Open."}, Labels: labels, Value: 2})
			emit(Labelled{Name: "container_wait_seconds", Desc: wait, Labels: labels, Times: &Histogram{Count: 3, Sum: 1.5, Buckets: map[float64]uint64{0.5: 2}}})
		}
	})
	page := func() string {
		w := httptest.NewRecorder()
		r.OpenMetrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Body.String()
	}
	got := page()
	for _, want := range []string{
		"# TYPE mesos_container_bytes_total counter\n",
		`mesos_container_bytes_total{container_id="a",direction="receive"} 7` + "\n",
		`mesos_container_open{container_id="b\"\\",direction="receive"} 2` + "\n",
		"# TYPE mesos_container_wait_seconds histogram\n",
		`mesos_container_wait_seconds_bucket{container_id="a",direction="receive",le="0.5"} 2` + "\n",
		`mesos_container_wait_seconds_bucket{container_id="a",direction="receive",le="+Inf"} 3` + "\n",
		`mesos_container_wait_seconds_sum{container_id="a",direction="receive"} 1.5` + "\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
	if s := r.Snapshot(t.Context()); len(s) != 0 {
		t.Errorf("snapshot: got %v, want none of it", s)
	}
	remove()
	if got := page(); strings.Contains(got, "container") {
		t.Errorf("after removal: got %s", got)
	}
}
