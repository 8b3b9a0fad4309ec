package simtest

import (
	"net/http"
	"net/http/httptest"
	"strings"

	"mesos/actors/files"
	"mesos/actors/master"
	"mesos/actors/metrics"
	"mesos/actors/operator"
)

// Ask sends a request to the master as an operator does, and returns the code and
// the body of the answer. The master must run.
func (c *Cluster) Ask(method, path, body string) (int, string) {
	c.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	reg := metrics.NewRegistry()
	defer reg.Close()
	h := master.NewHTTP(operator.Common{Files: files.New(), Metrics: reg}, http.NotFoundHandler())
	h.SetMaster(c.leader)
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}
