package pod

import (
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/checks"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
)

func answerTo(id string, code int32) *linkpb.ContainerAnswerMessage {
	return &linkpb.ContainerAnswerMessage{Id: &id, Code: &code}
}

func health(t v1.HealthCheck_Type, failures uint32) *v1.HealthCheck {
	return &v1.HealthCheck{
		Type: t.Enum(), DelaySeconds: proto.Float64(1), IntervalSeconds: proto.Float64(1), TimeoutSeconds: proto.Float64(5),
		GracePeriodSeconds: proto.Float64(0), ConsecutiveFailures: &failures,
		Tcp: &v1.HealthCheck_TCPCheckInfo{Port: proto.Uint32(80)}, Command: &v1.CommandInfo{Value: proto.String("true")},
	}
}

// The command of a check runs below the task's container.
func TestCommandHealthCheckKills(t *testing.T) {
	s := newStage(t, killing)
	s.running(func(a *v1.TaskInfo) {
		a.HealthCheck, a.Command.User = health(v1.HealthCheck_COMMAND, 1), proto.String("nobody")
	})
	s.pass(time.Second)
	s.then("launch X.c1.c3; wait X.c1.c3")
	c := s.made["c3"].GetCommand()
	if got, want := strings.Join(c.GetArguments(), " "), `sh -c MESOS_SANDBOX=$1; cd "$1" || exit; shift; exec "$@" sh /box/containers/c1 /bin/sh -c true`; got != want || c.GetUser() != "nobody" {
		t.Errorf("got check %q as %q, want %q as nobody", got, c.GetUser(), want)
	}
	s.ends("c3", 0)
	s.then("remove X.c1.c3; RUNNING a healthy=true REASON_TASK_HEALTH_CHECK_STATUS_UPDATED")
	s.pass(time.Second)
	s.then("launch X.c1.c4; wait X.c1.c4")
	s.ends("c4", 2<<8)
	const why = "Health check (COMMAND) failed 1 of 1 times: command exited with status 2"
	s.then("remove X.c1.c4; RUNNING a healthy=false REASON_TASK_HEALTH_CHECK_STATUS_UPDATED (" + why + "); KILLING a; TERM X.c1")
	s.ends("c1", 15)
	s.then("KILLED a healthy=false (Command terminated with signal Terminated); KILLING b; TERM X.c2")
	s.ends("c2", 15)
	s.then("KILLED b (Command terminated with signal Terminated); leave")
}

// A command that hangs is killed, container and all, also when it is about to start.
func TestCommandCheckTimesOut(t *testing.T) {
	s := newStage(t, nil)
	s.running(func(a *v1.TaskInfo) { a.HealthCheck = health(v1.HealthCheck_COMMAND, 2) })
	s.pass(time.Second)
	s.then("launch X.c1.c3; wait X.c1.c3")
	s.pass(5 * time.Second)
	s.then("KILL X.c1.c3")
	s.ends("c3", 9)
	s.then("remove X.c1.c3; RUNNING a healthy=false REASON_TASK_HEALTH_CHECK_STATUS_UPDATED (Health check (COMMAND) failed 1 of 2 times: no result within 5s)")
	s.silent = true
	s.pass(time.Second)
	s.then("launch X.c1.c4")
	s.kill("a", nil)
	s.silent = false
	s.then("TERM X.c1")
	s.answer(s.asked["c4"], 200, "", nil)
	s.then("KILL X.c1.c4; wait X.c1.c4")
}

func TestSocketCheck(t *testing.T) {
	s := newStage(t, nil)
	s.running(func(a *v1.TaskInfo) {
		a.Check = &v1.CheckInfo{Type: v1.CheckInfo_TCP.Enum(), Tcp: &v1.CheckInfo_Tcp{Port: proto.Uint32(80)}, DelaySeconds: proto.Float64(1), IntervalSeconds: proto.Float64(1)}
	})
	s.pass(time.Second)
	s.then("probe TCP 127.0.0.1:80")
	s.probed(checks.Result{Connected: true})
	s.then("RUNNING a type:TCP tcp:{succeeded:true} REASON_TASK_CHECK_STATUS_UPDATED")
	s.pass(time.Second)
	s.lines = nil
	s.ends("c1", 0)
	s.then("abort; FINISHED a type:TCP tcp:{} (Command exited with status 0)")
	s.probed(checks.Result{Err: errors.New("cancelled")})
	s.pass(time.Hour)
	s.then("")
}
