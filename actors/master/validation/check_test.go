package validation

import (
	"math"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func TestHealthCheck(t *testing.T) {
	web := func(change func(*v1.HealthCheck_HTTPCheckInfo)) *v1.HealthCheck {
		h := &v1.HealthCheck_HTTPCheckInfo{Port: proto.Uint32(80)}
		change(h)
		return &v1.HealthCheck{Type: v1.HealthCheck_HTTP.Enum(), Http: h}
	}
	tcp := func(port uint32) *v1.HealthCheck {
		return &v1.HealthCheck{Type: v1.HealthCheck_TCP.Enum(), Tcp: &v1.HealthCheck_TCPCheckInfo{Port: &port}}
	}
	timed := func(change func(*v1.HealthCheck)) *v1.HealthCheck { c := tcp(1); change(c); return c }
	for _, c := range []struct {
		name  string
		check *v1.HealthCheck
		want  string
	}{
		{"no type", &v1.HealthCheck{Command: &v1.CommandInfo{Value: proto.String("true")}}, "health_check.type must be set"},
		{"type UNKNOWN", &v1.HealthCheck{Type: v1.HealthCheck_UNKNOWN.Enum()}, "health_check.type UNKNOWN is none of"},
		{"type of the future", &v1.HealthCheck{Type: v1.HealthCheck_Type(9).Enum()}, "health_check.type 9 is none of"},
		{"command", &v1.HealthCheck{Type: v1.HealthCheck_COMMAND.Enum(), Command: &v1.CommandInfo{Value: proto.String("true")}}, ""},
		{"no command", &v1.HealthCheck{Type: v1.HealthCheck_COMMAND.Enum(), Tcp: tcp(1).Tcp}, "health_check.command must be set for type COMMAND"},
		{"empty command", &v1.HealthCheck{Type: v1.HealthCheck_COMMAND.Enum(), Command: &v1.CommandInfo{}}, "health_check.command.value"},
		{"http", web(func(h *v1.HealthCheck_HTTPCheckInfo) {
			h.Path, h.Scheme, h.Statuses = proto.String("/up"), proto.String("https"), []uint32{200, 418}
		}), ""},
		{"no http", &v1.HealthCheck{Type: v1.HealthCheck_HTTP.Enum()}, "health_check.http must be set for type HTTP"},
		{"scheme", web(func(h *v1.HealthCheck_HTTPCheckInfo) { h.Scheme = proto.String("ftp") }), `health_check.http.scheme "ftp"`},
		{"relative path", web(func(h *v1.HealthCheck_HTTPCheckInfo) { h.Path = proto.String("up") }), `health_check.http.path "up" must start`},
		{"path with a line break", web(func(h *v1.HealthCheck_HTTPCheckInfo) { h.Path = proto.String("/\r\nX: y") }), "health_check.http.path"},
		{"http port", web(func(h *v1.HealthCheck_HTTPCheckInfo) { h.Port = proto.Uint32(70000) }), "health_check.http.port 70000"},
		{"statuses", web(func(h *v1.HealthCheck_HTTPCheckInfo) { h.Statuses = []uint32{200, 42} }), "health_check.http.statuses[1] 42"},
		{"lowest port", tcp(1), ""},
		{"highest port", tcp(65535), ""},
		{"port zero", tcp(0), "health_check.tcp.port 0"},
		{"port too high", tcp(65536), "health_check.tcp.port 65536"},
		{"no tcp", &v1.HealthCheck{Type: v1.HealthCheck_TCP.Enum()}, "health_check.tcp must be set for type TCP"},
		{"zero times", timed(func(c *v1.HealthCheck) {
			c.DelaySeconds, c.IntervalSeconds, c.TimeoutSeconds = new(float64), new(float64), new(float64)
		}), ""},
		{"delay", timed(func(c *v1.HealthCheck) { c.DelaySeconds = proto.Float64(-1) }), "health_check.delay_seconds -1"},
		{"interval", timed(func(c *v1.HealthCheck) { c.IntervalSeconds = proto.Float64(math.NaN()) }), "health_check.interval_seconds NaN"},
		{"timeout", timed(func(c *v1.HealthCheck) { c.TimeoutSeconds = proto.Float64(math.Inf(1)) }), "health_check.timeout_seconds +Inf"},
		{"grace", timed(func(c *v1.HealthCheck) { c.GracePeriodSeconds = proto.Float64(-0.1) }), "health_check.grace_period_seconds -0.1"},
	} {
		_, err := Task(good(func(t *v1.TaskInfo) { t.HealthCheck = c.check }), context())
		want(t, c.name, err, c.want)
	}
}

func TestCheck(t *testing.T) {
	command := &v1.CheckInfo_Command{Command: &v1.CommandInfo{Value: proto.String("true")}}
	for _, c := range []struct {
		name  string
		check *v1.CheckInfo
		want  string
	}{
		{"no type", &v1.CheckInfo{Command: command}, "check.type must be set"},
		{"type UNKNOWN", &v1.CheckInfo{Type: v1.CheckInfo_UNKNOWN.Enum()}, "check.type UNKNOWN"},
		{"command", &v1.CheckInfo{Type: v1.CheckInfo_COMMAND.Enum(), Command: command}, ""},
		{"no command", &v1.CheckInfo{Type: v1.CheckInfo_COMMAND.Enum()}, "check.command must be set"},
		{"nothing to run", &v1.CheckInfo{Type: v1.CheckInfo_COMMAND.Enum(), Command: &v1.CheckInfo_Command{}}, "check.command.command.value"},
		{"http", &v1.CheckInfo{Type: v1.CheckInfo_HTTP.Enum(), Http: &v1.CheckInfo_Http{Port: proto.Uint32(8080), Path: proto.String("/")}}, ""},
		{"no http", &v1.CheckInfo{Type: v1.CheckInfo_HTTP.Enum()}, "check.http must be set"},
		{"path", &v1.CheckInfo{Type: v1.CheckInfo_HTTP.Enum(), Http: &v1.CheckInfo_Http{Port: proto.Uint32(8080), Path: proto.String("")}}, "check.http.path"},
		{"tcp", &v1.CheckInfo{Type: v1.CheckInfo_TCP.Enum(), Tcp: &v1.CheckInfo_Tcp{Port: proto.Uint32(8080)}}, ""},
		{"no tcp", &v1.CheckInfo{Type: v1.CheckInfo_TCP.Enum()}, "check.tcp must be set"},
		{"port", &v1.CheckInfo{Type: v1.CheckInfo_TCP.Enum(), Tcp: &v1.CheckInfo_Tcp{Port: proto.Uint32(0)}}, "check.tcp.port 0"},
		{"delay", &v1.CheckInfo{Type: v1.CheckInfo_COMMAND.Enum(), Command: command, DelaySeconds: proto.Float64(-1)}, "check.delay_seconds -1"},
	} {
		_, err := Task(good(func(t *v1.TaskInfo) { t.Check = c.check }), context())
		want(t, c.name, err, c.want)
	}
}
