package checks

import (
	"fmt"
	"math"
	"strconv"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// Probe is one look at a task.
type Probe struct {
	Kind    v1.CheckInfo_Type
	Command *v1.CommandInfo // of COMMAND; its user and uris do not count
	URL     string          // of HTTP: http or https
	Address string          // of TCP: host:port
}

// String names the probe in logs and messages. A command may hold secrets and
// is not shown.
func (p Probe) String() string {
	switch p.Kind {
	case v1.CheckInfo_HTTP:
		return "HTTP " + p.URL
	case v1.CheckInfo_TCP:
		return "TCP " + p.Address
	}
	return p.Kind.String()
}

// Result is what a probe found. Only the field of the probe's kind counts.
type Result struct {
	Err       error // nothing was found: not started, no answer, aborted
	Exit      int   // COMMAND: exit status
	Status    int   // HTTP: of the last answer
	Connected bool  // TCP
}

// timing is a check's seconds as durations. A timeout of 0 is none.
type timing struct{ delay, interval, timeout time.Duration }

// minInterval keeps an interval of zero from taking a whole processor.
const minInterval = 10 * time.Millisecond

func timingOf(c interface {
	GetDelaySeconds() float64
	GetIntervalSeconds() float64
	GetTimeoutSeconds() float64
}) timing {
	return timing{
		delay:    duration(c.GetDelaySeconds()),
		interval: max(duration(c.GetIntervalSeconds()), minInterval),
		timeout:  duration(c.GetTimeoutSeconds()),
	}
}

// duration is never negative, and a century at most: sums with a time of day
// do not overflow.
func duration(seconds float64) time.Duration {
	const most = 100 * 365 * 24 * time.Hour
	switch {
	case !(seconds > 0): // NaN, too
		return 0
	case seconds >= most.Seconds():
		return most
	}
	return time.Duration(math.Round(seconds * float64(time.Second)))
}

func healthProbe(c *v1.HealthCheck) (Probe, error) {
	switch c.GetType() {
	case v1.HealthCheck_COMMAND:
		return Probe{Kind: v1.CheckInfo_COMMAND, Command: c.GetCommand()}, nil
	case v1.HealthCheck_HTTP:
		h := c.GetHttp()
		scheme := h.GetScheme()
		if scheme == "" {
			scheme = "http"
		}
		return Probe{Kind: v1.CheckInfo_HTTP, URL: scheme + "://" + loopback(h.GetProtocol(), h.GetPort()) + h.GetPath()}, nil
	case v1.HealthCheck_TCP:
		return Probe{Kind: v1.CheckInfo_TCP, Address: loopback(c.GetTcp().GetProtocol(), c.GetTcp().GetPort())}, nil
	}
	return Probe{}, fmt.Errorf("health_check.type %v is none of COMMAND, HTTP, TCP", c.GetType())
}

func checkProbe(c *v1.CheckInfo) (Probe, error) {
	switch c.GetType() {
	case v1.CheckInfo_COMMAND:
		return Probe{Kind: v1.CheckInfo_COMMAND, Command: c.GetCommand().GetCommand()}, nil
	case v1.CheckInfo_HTTP:
		return Probe{Kind: v1.CheckInfo_HTTP, URL: "http://" + loopback(v1.NetworkInfo_IPv4, c.GetHttp().GetPort()) + c.GetHttp().GetPath()}, nil
	case v1.CheckInfo_TCP:
		return Probe{Kind: v1.CheckInfo_TCP, Address: loopback(v1.NetworkInfo_IPv4, c.GetTcp().GetPort())}, nil
	}
	return Probe{}, fmt.Errorf("check.type %v is none of COMMAND, HTTP, TCP", c.GetType())
}

func loopback(p v1.NetworkInfo_Protocol, port uint32) string {
	host := "127.0.0.1"
	if p == v1.NetworkInfo_IPv6 {
		host = "[::1]"
	}
	return host + ":" + strconv.FormatUint(uint64(port), 10)
}
