package checks

import (
	"context"
	"net"

	"mesos/actors/checks/httpget"
	v1 "mesos/messages/mesos/v1"
)

// Socket makes a probe over HTTP or TCP, and waits for its end or ctx's. An
// HTTPS URL, or a redirect to one, is an error that wraps [httpget.ErrScheme].
func Socket(ctx context.Context, p Probe) Result {
	if p.Kind == v1.CheckInfo_HTTP {
		status, err := httpget.Status(ctx, p.URL, httpget.Plain)
		return Result{Err: err, Status: status}
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", p.Address)
	if err != nil {
		return Result{Err: ctx.Err()} // refused is a result
	}
	c.Close()
	return Result{Connected: true}
}
