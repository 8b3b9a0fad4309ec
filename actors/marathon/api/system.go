package api

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"mesos/actors/marathon/model"
	"mesos/actors/metrics"
	"mesos/actors/secure"
)

func (a *API) info(w http.ResponseWriter, r *http.Request, _ string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	x, err := a.s.Info(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"name": x.Config.Name, "version": a.o.Version, "elected": true, "leader": a.o.Leader, "frameworkId": x.Framework, "buildref": "mesos in Go",
		"marathon_config": map[string]any{
			"master": x.Config.Master.Addr, "failover_timeout": x.Config.FailoverTimeout.Seconds(), "framework_name": x.Config.Name, "checkpoint": true,
			"ha": a.o.Resign != nil, "local_port_min": x.Config.PortMin, "local_port_max": x.Config.PortMax, "executor": "//cmd", "hostname": x.Config.Hostname,
			"webui_url": x.Config.WebURL, "mesos_role": x.Config.Role, "mesos_user": x.Config.User, "task_launch_timeout": x.Config.LaunchTimeout.Milliseconds(),
			"features": []string{},
		},
		"zookeeper_config": map[string]any{}, "event_subscriber": nil, "http_config": a.o.Server,
	})
}

// pages leads browsers to the master, whose pages show the services. A marathon whose master is elected does not know
// where that is, and says what it is itself.
func (a *API) pages(w http.ResponseWriter, r *http.Request, _ string) {
	x, err := a.s.Info(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	if x.Config.Master.Addr == "" || x.Config.Detector != nil {
		a.info(w, r, "")
		return
	}
	http.Redirect(w, r, secure.SchemeOf(r)+"://"+x.Config.Master.Addr+"/#/services", http.StatusFound)
}

func (a *API) leader(w http.ResponseWriter, r *http.Request, _ string) {
	if !allow(w, r, http.MethodGet, http.MethodDelete) {
		return
	}
	if r.Method == http.MethodGet {
		answer(w, http.StatusOK, map[string]string{"leader": a.o.Leader})
		return
	}
	if a.o.Resign == nil {
		fail(w, http.StatusConflict, "This marathon has no rivals: nobody would take over")
		return
	}
	answer(w, http.StatusOK, map[string]string{"message": "Leadership abdicated"})
	a.o.Resign()
}

// beat is how often an event stream shows that it lives.
const beat = 15 * time.Second

// events is /v2/events: server-sent events, all or those of the types asked for.
func (a *API) events(w http.ResponseWriter, r *http.Request, _ string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	types := r.URL.Query()["event_type"]
	sub := a.s.Subscribe()
	defer sub.Close()
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache, no-store, must-revalidate")
	w.WriteHeader(http.StatusOK)
	send := func(kind string, data []byte) bool {
		if len(types) > 0 && !slices.Contains(types, kind) {
			return true
		}
		_, err := fmt.Fprintf(w, "event: %s\r\ndata: %s\r\n\r\n", kind, data)
		return err == nil && control.Flush() == nil
	}
	hello := fmt.Sprintf(`{"remoteAddress":%q,"eventType":"event_stream_attached","timestamp":%q}`, r.RemoteAddr, model.At(time.Now()))
	if !send("event_stream_attached", []byte(hello)) || control.Flush() != nil {
		return
	}
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			if _, err := fmt.Fprint(w, "\r\n"); err != nil || control.Flush() != nil {
				return
			}
		case e, ok := <-sub.C:
			if !ok || !send(e.Type, e.Data) {
				return
			}
		}
	}
}

// metrics are the counts in the text form that Prometheus reads.
func (a *API) metrics(w http.ResponseWriter, r *http.Request, _ string) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	x, err := a.s.Info(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	var samples []metrics.Labelled
	for _, m := range []struct {
		name, help string
		value      int
	}{
		{"apps", "Apps that are wanted.", x.Counts.Apps},
		{"pods", "Pods that are wanted.", x.Counts.Pods},
		{"groups", "Groups.", x.Counts.Groups},
		{"deployments_active", "Deployments on their way.", x.Counts.Deployments},
		{"queue_instances", "Instances that wait to be launched.", x.Counts.Queue},
		{"instances", "Instances that there are.", x.Counts.Instances},
		{"instances_running", "Instances whose tasks run.", x.Counts.Running},
		{"instances_staged", "Instances that were launched and do not run yet.", x.Counts.Staged},
		{"instances_unreachable", "Instances on agents that do not answer.", x.Counts.Unreachable},
		{"agents", "Agents that were offered.", x.Counts.Agents},
	} {
		samples = append(samples, metrics.Labelled{Name: m.name, Desc: metrics.GaugeDesc("", m.help), Value: float64(m.value)})
	}
	metrics.Serve(w, r, "marathon_", samples)
}
