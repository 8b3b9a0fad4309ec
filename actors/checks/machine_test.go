package checks

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// play takes a Machine through steps such as "15s tick" or "16s exit 1", and
// tells what each asks for.
func play(t *testing.T, m *Machine, steps string) string {
	t.Helper()
	begin := time.Unix(1000, 0)
	var told []string
	for step := range strings.SplitSeq(steps, ", ") {
		f := strings.SplitN(step, " ", 2)
		at, err := time.ParseDuration(f[0])
		if err != nil {
			t.Fatal(err)
		}
		now := begin.Add(at)
		var e Effects
		switch f[1] {
		case "start":
			e = m.Start(now)
		case "tick":
			e = m.Tick(now)
		case "stop":
			e = m.Stop()
		default:
			e = m.Result(now, parseResult(t, f[1]))
		}
		told = append(told, tellEffects(e, begin))
	}
	return strings.Join(told, " | ")
}

func parseResult(t *testing.T, text string) Result {
	t.Helper()
	kind, value, _ := strings.Cut(text, " ")
	var r Result
	var err error
	switch kind {
	case "exit":
		_, err = fmt.Sscan(value, &r.Exit)
	case "http":
		_, err = fmt.Sscan(value, &r.Status)
	case "tcp":
		_, err = fmt.Sscan(value, &r.Connected)
	case "error":
		r.Err = errors.New(value)
	default:
		t.Fatalf("step %q", text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tellEffects(e Effects, begin time.Time) string {
	var s []string
	if e.Abort {
		s = append(s, "abort")
	}
	if e.Probe {
		s = append(s, "probe")
	}
	if !e.Wake.IsZero() {
		s = append(s, "wake "+e.Wake.Sub(begin).String())
	}
	if h := e.Health; h != nil {
		word := map[bool]string{true: "healthy", false: "unhealthy"}[h.Healthy]
		if h.Failures > 0 {
			word += fmt.Sprint(" ", h.Failures)
		}
		if h.Kill {
			word += " kill"
		}
		s = append(s, word)
	}
	if e.Status != nil {
		s = append(s, strings.ReplaceAll(prototext.MarshalOptions{}.Format(e.Status), "  ", " "))
	}
	return strings.Join(s, " ")
}

func TestHealthMachine(t *testing.T) {
	command := func(change func(*v1.HealthCheck)) *v1.HealthCheck {
		c := &v1.HealthCheck{Type: v1.HealthCheck_COMMAND.Enum(), Command: &v1.CommandInfo{Value: proto.String("true")}}
		if change != nil {
			change(c)
		}
		return c
	}
	at := func(delay, interval, timeout, grace float64, limit uint32) func(*v1.HealthCheck) {
		return func(c *v1.HealthCheck) {
			c.DelaySeconds, c.IntervalSeconds, c.TimeoutSeconds = &delay, &interval, &timeout
			c.GracePeriodSeconds, c.ConsecutiveFailures = &grace, &limit
		}
	}
	http := &v1.HealthCheck{Type: v1.HealthCheck_HTTP.Enum(), Http: &v1.HealthCheck_HTTPCheckInfo{Port: proto.Uint32(1)}}
	teapot := proto.CloneOf(http)
	teapot.Http.Statuses = []uint32{418, 204}
	tcp := &v1.HealthCheck{Type: v1.HealthCheck_TCP.Enum(), Tcp: &v1.HealthCheck_TCPCheckInfo{Port: proto.Uint32(1)}}
	for _, c := range []struct {
		name        string
		check       *v1.HealthCheck
		steps, want string
	}{
		{"defaults", command(nil), "0s start, 15s tick, 16s exit 0, 26s tick, 46s tick, 47s error killed",
			"wake 15s | probe wake 35s | wake 26s healthy | probe wake 46s | abort | wake 57s unhealthy 1"},
		{"told of success once", command(nil), "0s start, 15s tick, 16s exit 0, 26s tick, 27s exit 0, 37s tick, 38s exit 1, 48s tick, 49s exit 0, 59s tick, 60s exit 0",
			"wake 15s | probe wake 35s | wake 26s healthy | probe wake 46s | wake 37s | probe wake 57s | wake 48s unhealthy 1 | probe wake 1m8s | wake 59s healthy | probe wake 1m19s | wake 1m10s"},
		{"kill at the limit, which a success resets", command(at(0, 1, 1, 0, 2)), "0s start, 0s tick, 0s exit 1, 1s tick, 1s exit 0, 2s tick, 2s exit 1, 3s tick, 3s exit 1, 4s tick, 4s exit 1",
			"wake 0s | probe wake 1s | wake 1s unhealthy 1 | probe wake 2s | wake 2s healthy | probe wake 3s | wake 3s unhealthy 1 | probe wake 4s | wake 4s unhealthy 2 kill | probe wake 5s | wake 5s unhealthy 3 kill"},
		{"no failure allowed", command(at(0, 1, 1, 0, 0)), "0s start, 0s tick, 0s exit 1", "wake 0s | probe wake 1s | wake 1s unhealthy 1 kill"},
		{"grace, its end included", command(at(0, 5, 1, 10, 1)), "0s start, 0s tick, 0s exit 1, 5s tick, 6s tick, 10s error killed, 15s tick, 15s exit 1",
			"wake 0s | probe wake 1s | wake 5s | probe wake 6s | abort | wake 15s | probe wake 16s | wake 20s unhealthy 1 kill"},
		{"grace ends with the first success", command(at(0, 1, 1, 10, 2)), "0s start, 0s tick, 0s exit 0, 1s tick, 1s exit 1",
			"wake 0s | probe wake 1s | wake 1s healthy | probe wake 2s | wake 2s unhealthy 1"},
		{"no timeout", command(at(0, 1, 0, 0, 1)), "0s start, 0s tick, 9999h exit 0", "wake 0s | probe | wake 9999h0m1s healthy"},
		{"a result that comes with the timeout is too late", command(at(0, 1, 1, 0, 3)), "0s start, 0s tick, 1s tick, 1s exit 0", "wake 0s | probe wake 1s | abort | wake 2s unhealthy 1"},
		{"no interval is some", command(at(0, 0, 1, 0, 3)), "0s start, 0s tick, 0s exit 0", "wake 0s | probe wake 1s | wake 10ms healthy"},
		{"stopped while it waits", command(nil), "0s start, 1s stop, 15s tick", "wake 15s |  | "},
		{"stopped while it probes", command(nil), "0s start, 15s tick, 16s stop, 16s error killed, 16s stop", "wake 15s | probe wake 35s | abort |  | "},
		{"stopped while it aborts", command(nil), "0s start, 15s tick, 35s tick, 35s stop, 36s exit 0", "wake 15s | probe wake 35s | abort |  | "},
		{"started twice", command(nil), "0s start, 1s start", "wake 15s | "},
		{"result out of turn", command(nil), "0s start, 1s exit 0", "wake 15s | "},
		{"HTTP 200", http, "0s start, 15s tick, 15s http 200", "wake 15s | probe wake 35s | wake 25s healthy"},
		{"HTTP 399", http, "0s start, 15s tick, 15s http 399", "wake 15s | probe wake 35s | wake 25s healthy"},
		{"HTTP 400", http, "0s start, 15s tick, 15s http 400", "wake 15s | probe wake 35s | wake 25s unhealthy 1"},
		{"HTTP 199", http, "0s start, 15s tick, 15s http 199", "wake 15s | probe wake 35s | wake 25s unhealthy 1"},
		{"HTTP status that is expected", teapot, "0s start, 15s tick, 15s http 418", "wake 15s | probe wake 35s | wake 25s healthy"},
		{"HTTP status that is not", teapot, "0s start, 15s tick, 15s http 200", "wake 15s | probe wake 35s | wake 25s unhealthy 1"},
		{"TCP", tcp, "0s start, 15s tick, 15s tcp true", "wake 15s | probe wake 35s | wake 25s healthy"},
		{"TCP refused", tcp, "0s start, 15s tick, 15s tcp false", "wake 15s | probe wake 35s | wake 25s unhealthy 1"},
		{"numbers that are none", command(at(math.NaN(), -1, math.Inf(1), math.NaN(), 3)), "0s start, 0s tick, 0s exit 1", "wake 0s | probe wake 876000h0m0s | wake 10ms unhealthy 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := NewHealth(c.check)
			if err != nil {
				t.Fatal(err)
			}
			if got := play(t, m, c.steps); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.steps, got, c.want)
			}
		})
	}
}

func TestCheckMachine(t *testing.T) {
	command := &v1.CheckInfo{Type: v1.CheckInfo_COMMAND.Enum(), Command: &v1.CheckInfo_Command{Command: &v1.CommandInfo{Value: proto.String("true")}}}
	http := &v1.CheckInfo{Type: v1.CheckInfo_HTTP.Enum(), Http: &v1.CheckInfo_Http{Port: proto.Uint32(1)}, DelaySeconds: proto.Float64(0), IntervalSeconds: proto.Float64(1), TimeoutSeconds: proto.Float64(1)}
	tcp := &v1.CheckInfo{Type: v1.CheckInfo_TCP.Enum(), Tcp: &v1.CheckInfo_Tcp{Port: proto.Uint32(1)}, DelaySeconds: proto.Float64(0.5)}
	for _, c := range []struct {
		name        string
		check       *v1.CheckInfo
		steps, want string
	}{
		{"each change is told", command, "0s start, 15s tick, 15s exit 3, 25s tick, 25s exit 3, 35s tick, 35s exit 0",
			"wake 15s | probe wake 35s | wake 25s type:COMMAND command:{exit_code:3} | probe wake 45s | wake 35s | probe wake 55s | wake 45s type:COMMAND command:{exit_code:0}"},
		{"no result is told as an empty one", http, "0s start, 0s tick, 0s error refused, 1s tick, 1s http 503, 2s tick, 2s error refused, 3s tick, 4s tick, 4s error killed",
			"wake 0s | probe wake 1s | wake 1s | probe wake 2s | wake 2s type:HTTP http:{status_code:503} | probe wake 3s | wake 3s type:HTTP http:{} | probe wake 4s | abort | wake 5s"},
		{"TCP", tcp, "0s start, 500ms tick, 500ms tcp false, 11s tick, 11s tcp true",
			"wake 500ms | probe wake 20.5s | wake 10.5s type:TCP tcp:{succeeded:false} | probe wake 31s | wake 21s type:TCP tcp:{succeeded:true}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := NewCheck(c.check)
			if err != nil {
				t.Fatal(err)
			}
			if got := play(t, m, c.steps); got != c.want {
				t.Errorf("%s\n got %s\nwant %s", c.steps, got, c.want)
			}
		})
	}
}

func TestProbes(t *testing.T) {
	port, path, v6 := proto.Uint32(8080), proto.String("/up?x=1"), v1.NetworkInfo_IPv6.Enum()
	for _, c := range []struct {
		check *v1.HealthCheck
		want  string
	}{
		{&v1.HealthCheck{Type: v1.HealthCheck_HTTP.Enum(), Http: &v1.HealthCheck_HTTPCheckInfo{Port: port}}, "HTTP http://127.0.0.1:8080"},
		{&v1.HealthCheck{Type: v1.HealthCheck_HTTP.Enum(), Http: &v1.HealthCheck_HTTPCheckInfo{Port: port, Path: path, Scheme: proto.String("https"), Protocol: v6}}, "HTTP https://[::1]:8080/up?x=1"},
		{&v1.HealthCheck{Type: v1.HealthCheck_TCP.Enum(), Tcp: &v1.HealthCheck_TCPCheckInfo{Port: port}}, "TCP 127.0.0.1:8080"},
		{&v1.HealthCheck{Type: v1.HealthCheck_TCP.Enum(), Tcp: &v1.HealthCheck_TCPCheckInfo{Port: port, Protocol: v6}}, "TCP [::1]:8080"},
		{&v1.HealthCheck{Type: v1.HealthCheck_COMMAND.Enum(), Command: &v1.CommandInfo{Value: proto.String("--password=x")}}, "COMMAND"},
	} {
		m, err := NewHealth(c.check)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Probe().String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if _, err := NewHealth(&v1.HealthCheck{}); err == nil || !strings.Contains(err.Error(), "health_check.type") {
		t.Errorf("health check without type: got error %v, want one that names health_check.type", err)
	}
	if _, err := NewCheck(&v1.CheckInfo{Type: v1.CheckInfo_Type(9).Enum()}); err == nil || !strings.Contains(err.Error(), "check.type 9") {
		t.Errorf("check of type 9: got error %v, want one that names check.type 9", err)
	}
}

// What a framework reads of a failure has the probe, the count and the reason.
func TestWhy(t *testing.T) {
	m, err := NewHealth(&v1.HealthCheck{Type: v1.HealthCheck_TCP.Enum(), Tcp: &v1.HealthCheck_TCPCheckInfo{Port: proto.Uint32(80)}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(0, 0)
	m.Start(now)
	m.Tick(now.Add(15 * time.Second))
	m.Tick(now.Add(35 * time.Second))
	e := m.Result(now.Add(35*time.Second), Result{})
	if got, want := e.Health.Why, "Health check (TCP 127.0.0.1:80) failed 1 of 3 times: no result within 20s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
