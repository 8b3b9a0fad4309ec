package job

import (
	"net"
	"net/url"
	"strconv"

	"cmp"
	v1 "mesos/messages/mesos/v1"
)

// sandboxURL is where the agent of an offer serves the files of a task that runs without an executor of its own: its
// executor's id is the task's. "/stdout" and the like are to be added.
func sandboxURL(offer *v1.Offer, taskID string) string {
	return sandboxAt(offer, taskID, "")
}

// sandboxAt is where the agent of an offer serves what lies under a path in the sandbox of an executor.
func sandboxAt(offer *v1.Offer, executorID, within string) string {
	a := offer.GetUrl().GetAddress()
	host := a.GetIp()
	if host == "" {
		host = a.GetHostname()
	}
	path := "/frameworks/" + offer.GetFrameworkId().GetValue() + "/executors/" + executorID + "/runs/latest" + within
	return cmp.Or(offer.GetUrl().GetScheme(), "http") + "://" + net.JoinHostPort(host, strconv.Itoa(int(a.GetPort()))) + "/files/download?path=" + url.QueryEscape(path)
}
