package command

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/checks"
	v1 "mesos/messages/mesos/v1"
)

func tcpHealth(t *v1.TaskInfo) {
	t.HealthCheck = &v1.HealthCheck{
		Type: v1.HealthCheck_TCP.Enum(), Tcp: &v1.HealthCheck_TCPCheckInfo{Port: proto.Uint32(80)},
		DelaySeconds: proto.Float64(1), IntervalSeconds: proto.Float64(1), TimeoutSeconds: proto.Float64(5),
		GracePeriodSeconds: proto.Float64(0), ConsecutiveFailures: proto.Uint32(2),
	}
}

func commandCheck(t *v1.TaskInfo) {
	t.Check = &v1.CheckInfo{
		Type: v1.CheckInfo_COMMAND.Enum(), Command: &v1.CheckInfo_Command{Command: &v1.CommandInfo{Value: proto.String("true")}},
		DelaySeconds: proto.Float64(1), IntervalSeconds: proto.Float64(10), TimeoutSeconds: proto.Float64(5),
	}
}

func (s *stage) probe(r checks.Result) {
	s.t.Helper()
	done := s.probed
	s.probed = nil
	done(r)
}

func TestHealthCheckKills(t *testing.T) {
	s := newStage(t, v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
	s.launch("t", tcpHealth)
	s.then(started)
	s.pass(time.Second)
	s.then("probe TCP 127.0.0.1:80")
	s.probe(checks.Result{Connected: true})
	s.then("RUNNING t healthy=true REASON_TASK_HEALTH_CHECK_STATUS_UPDATED")
	s.pass(time.Second)
	s.probe(checks.Result{Connected: true})
	s.then("probe TCP 127.0.0.1:80")
	const failed = "RUNNING t healthy=false REASON_TASK_HEALTH_CHECK_STATUS_UPDATED (Health check (TCP 127.0.0.1:80) failed "
	s.pass(time.Second)
	s.probe(checks.Result{})
	s.then("probe TCP 127.0.0.1:80; " + failed + "1 of 2 times: no connection)")
	s.pass(6 * time.Second)
	s.then("probe TCP 127.0.0.1:80; abort")
	s.probe(checks.Result{Err: errors.New("cancelled")})
	s.then(failed + "2 of 2 times: no result within 5s); KILLING t; SIGTERM")
	s.pass(DefaultGracePeriod)
	s.then("SIGKILL") // and no probe
	s.ended(9)
	s.then("KILLED t healthy=false (Command terminated with signal Killed); leave")
}

func TestHealthKillUsesTheTasksGrace(t *testing.T) {
	s := newStage(t)
	s.launch("t", func(t *v1.TaskInfo) {
		tcpHealth(t)
		t.HealthCheck.ConsecutiveFailures = proto.Uint32(1)
		t.KillPolicy = policy(time.Minute)
	})
	s.pass(time.Second)
	s.lines = nil
	s.probe(checks.Result{})
	s.then("RUNNING t healthy=false REASON_TASK_HEALTH_CHECK_STATUS_UPDATED (Health check (TCP 127.0.0.1:80) failed 1 of 1 times: no connection); SIGTERM")
	s.pass(time.Minute - 1)
	s.then("")
	s.pass(1)
	s.then("SIGKILL")
}

// A health check and a check at once: each update repeats what the other found,
// the last ones say only that there is a check.
func TestBothChecks(t *testing.T) {
	s := newStage(t, v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
	s.launch("t", commandCheck)
	s.then("STARTING t type:COMMAND command:{}; start t; RUNNING t type:COMMAND command:{}")
	s.ended(0)
	s.then("FINISHED t type:COMMAND command:{} (Command exited with status 0); leave")

	s = newStage(t, v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
	s.launch("t", func(t *v1.TaskInfo) { tcpHealth(t); commandCheck(t); t.Check.DelaySeconds = proto.Float64(0) })
	s.lines = nil
	s.pass(0)
	s.then("probe COMMAND")
	s.probe(checks.Result{Exit: 3})
	s.then("RUNNING t type:COMMAND command:{exit_code:3} REASON_TASK_CHECK_STATUS_UPDATED")
	s.pass(time.Second)
	s.probe(checks.Result{})
	const why = " (Health check (TCP 127.0.0.1:80) failed 1 of 2 times: no connection)"
	s.then("probe TCP 127.0.0.1:80; RUNNING t healthy=false type:COMMAND command:{exit_code:3} REASON_TASK_HEALTH_CHECK_STATUS_UPDATED" + why)
	s.pass(time.Second)
	s.probe(checks.Result{Connected: true})
	s.then("probe TCP 127.0.0.1:80; RUNNING t healthy=true type:COMMAND command:{exit_code:3} REASON_TASK_HEALTH_CHECK_STATUS_UPDATED")
	s.pass(999 * time.Millisecond)
	s.kill("t", nil)
	s.then("KILLING t type:COMMAND command:{}; SIGTERM")
	s.ended(15)
	s.then("KILLED t type:COMMAND command:{} (Command terminated with signal Terminated); leave")
}

func TestChecksEndWithTheTask(t *testing.T) {
	for name, end := range map[string]func(*stage){
		"it ends":  func(s *stage) { s.ended(0) },
		"kill":     func(s *stage) { s.kill("t", nil) },
		"shutdown": func(s *stage) { s.shutdown() },
	} {
		s := newStage(t)
		s.acked = false
		s.launch("t", tcpHealth)
		s.pass(time.Second)
		s.lines = nil
		end(s)
		if len(s.lines) == 0 || s.lines[0] != "abort" {
			t.Errorf("%s: got %q, want the probe aborted first", name, s.lines)
		}
		s.probe(checks.Result{})
		s.lines = nil
		s.pass(2 * time.Second)
		s.then("")
	}
}

// A check from the future does not keep a task from running.
func TestUnknownCheck(t *testing.T) {
	s := newStage(t)
	s.launch("t", func(t *v1.TaskInfo) { t.HealthCheck = &v1.HealthCheck{Type: v1.HealthCheck_Type(9).Enum()} })
	s.then(started)
	s.pass(time.Hour)
	s.then("")
	s.ended(0)
	s.then("FINISHED t (Command exited with status 0); leave")
}
