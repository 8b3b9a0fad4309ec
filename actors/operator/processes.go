package operator

import (
	"net/http"

	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
)

// mostEvents bounds the events that are told of one actor; the numbers beside them are whole.
const mostEvents = 100

// serveProcesses tells the actors of the program, and what waits for each, in the form of libprocess: an event for
// each. Which message one is, and whose, is not told.
func (c *Common) serveProcesses(w http.ResponseWriter, r *http.Request) {
	if !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	sys := c.System()
	if sys == nil {
		httpapi.Errorf(w, http.StatusServiceUnavailable, "The actors have not started yet.")
		return
	}
	var j jsonwriter.Writer
	j.Array(func() {
		for _, q := range sys.Queues() {
			j.Object(func() {
				j.Field("id", q.ID)
				j.Field("messages", q.Messages)
				j.Field("dispatches", q.Dispatches)
				j.Key("events")
				j.Array(func() {
					for i := range min(q.Messages+q.Dispatches, mostEvents) {
						kind := "DISPATCH"
						if i < q.Messages {
							kind = "MESSAGE"
						}
						j.Object(func() { j.Field("type", kind) })
					}
				})
			})
		}
	})
	body, err := j.Bytes()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "This has no JSON form: %v.", err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}
