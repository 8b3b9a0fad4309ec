package metrics

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOpenMetrics(t *testing.T) {
	r := NewRegistry()
	defer r.Close()
	r.Counter("master/offers_sent", "Offers made.").Add(3)
	r.Gauge("system/mem_free_bytes", "bytes", "Memory that nothing uses.", func() float64 { return 1.5 })
	r.AddSource(func(_ context.Context, emit func(string, *Desc, float64)) {
		emit("master/frameworks/a.b/tasks", &Desc{Kind: KindGauge, Help: "Tasks."}, 2)
		emit("master/frameworks/a_b/tasks", &Desc{Kind: KindGauge, Help: "Tasks."}, 4)
	})
	for accept, want := range map[string][]string{
		"": {
			"# HELP mesos_master_offers_sent_total Offers made.", "# TYPE mesos_master_offers_sent_total counter", "mesos_master_offers_sent_total 3\n",
			"mesos_system_mem_free_bytes 1.5\n", "mesos_master_frameworks_a_b_tasks 2\n",
		},
		"application/openmetrics-text; version=1.0.0": {"# TYPE mesos_master_offers_sent counter", "mesos_master_offers_sent_total 3.0", "# EOF\n"},
	} {
		req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		req.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		r.OpenMetrics().ServeHTTP(w, req)
		for _, text := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("Accept %q: got %d, want the text %q in\n%s", accept, w.Code, text, w.Body)
			}
		}
	}
}

func TestServe(t *testing.T) {
	samples := []Labelled{
		{Name: "jobs", Desc: GaugeDesc("", "Jobs."), Value: 2},
		{Name: "runs_failed", Desc: &Desc{Kind: KindCounter, Help: "Bad ends."}, Labels: []Label{{"job", `a"b`}}, Value: 1},
	}
	for accept, want := range map[string][]string{
		"":                             {"# TYPE chronos_jobs gauge\nchronos_jobs 2\n", "chronos_runs_failed_total{job=\"a\\\"b\"} 1\n"},
		"application/openmetrics-text": {"# TYPE chronos_runs_failed counter", "chronos_runs_failed_total{job=\"a\\\"b\"} 1.0\n", "# EOF\n"},
	} {
		req, w := httptest.NewRequest(http.MethodGet, "/metrics", nil), httptest.NewRecorder()
		req.Header.Set("Accept", accept)
		Serve(w, req, "chronos_", samples)
		for _, text := range want {
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), text) {
				t.Errorf("Accept %q: got %d, want the text %q in\n%s", accept, w.Code, text, w.Body)
			}
		}
	}
}
