package master

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/master/view"
	"mesos/messages/jsonwriter"
)

// route registers the endpoints that read.
func (h *HTTP) routeReads() {
	h.get("/state", func(j *jsonwriter.Writer, c *view.Cluster, _ url.Values) { c.State(j) })
	h.get("/state-summary", func(j *jsonwriter.Writer, c *view.Cluster, _ url.Values) { c.Summary(j) })
	h.get("/slaves", func(j *jsonwriter.Writer, c *view.Cluster, q url.Values) { c.Slaves(j, q.Get("slave_id")) }, "slave_id")
	h.get("/frameworks", func(j *jsonwriter.Writer, c *view.Cluster, q url.Values) { c.FrameworkList(j, q.Get("framework_id")) }, "framework_id")
	h.get("/roles", func(j *jsonwriter.Writer, c *view.Cluster, _ url.Values) { c.Roles(j) })
	h.router.HandleFunc("/tasks", h.tasks)
}

// get registers an endpoint whose answer is written from a snapshot. The
// parameters named are what the answer depends on; the first may also stand
// behind the path, as in /slaves/ID.
func (h *HTTP) get(path string, write func(*jsonwriter.Writer, *view.Cluster, url.Values), parameters ...string) {
	h.router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if !h.leads(w, r, http.MethodGet, http.MethodHead) {
			return
		}
		given, q := r.URL.Query(), url.Values{}
		for i, p := range parameters {
			if given.Has(p) {
				q.Set(p, given.Get(p))
			} else if rest := httpapi.Rest(r); i == 0 && rest != "" {
				q.Set(p, rest)
			}
		}
		h.share(w, r, path+"?"+q.Encode(), func(j *jsonwriter.Writer, c *view.Cluster) { write(j, c, q) })
	})
}

// share answers from a snapshot and a text that identical reads of the moment have in common.
func (h *HTTP) share(w http.ResponseWriter, r *http.Request, key string, write func(*jsonwriter.Writer, *view.Cluster)) {
	see := h.sightOf(r)
	h.reads.Serve(w, r, key+seenBy(see), httpapi.MediaJSON, func(f *httpapi.Flight) error {
		c, err := h.look(f, see)
		if err != nil {
			return err
		}
		j := jsonwriter.To(f.Write)
		write(j, c)
		return j.Flush()
	})
}

// look takes the snapshot of a shared read, and of that what may be seen. Whoever asks after this moment gets a newer one.
func (h *HTTP) look(f *httpapi.Flight, see view.Sight) (*view.Cluster, error) {
	c, err := actors.Call(h.master.p, func() *view.Cluster {
		f.Look()
		return h.master.snapshot()
	})
	if errors.Is(err, actors.ErrStopped) {
		return nil, httpapi.ErrUnavailable
	}
	if err != nil {
		return nil, err
	}
	return c.For(see), nil
}

// tasks serves /tasks. Old clients POST their query.
func (h *HTTP) tasks(w http.ResponseWriter, r *http.Request) {
	if !h.leads(w, r, http.MethodGet, http.MethodHead, http.MethodPost) {
		return
	}
	given := r.URL.Query()
	q := view.TaskQuery{FrameworkID: given.Get("framework_id"), TaskID: given.Get("task_id"), Limit: 100}
	for name, to := range map[string]*int{"limit": &q.Limit, "offset": &q.Offset} {
		text := given.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			httpapi.Errorf(w, http.StatusBadRequest, "The parameter %s is %.20q: it must be a whole number from 0 on.", name, text)
			return
		}
		*to = n
	}
	switch order := given.Get("order"); order {
	case "asc":
		q.Ascending = true
	case "des", "":
	default:
		httpapi.Errorf(w, http.StatusBadRequest, "The parameter order is %.20q: it must be asc or des.", order)
		return
	}
	key := url.Values{}
	for _, name := range []string{"framework_id", "task_id", "limit", "offset", "order"} {
		key.Set(name, given.Get(name))
	}
	h.share(w, r, "/tasks?"+key.Encode(), func(j *jsonwriter.Writer, c *view.Cluster) { c.TaskList(j, q) })
}
