package checks

import (
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// status is the judge of checks: it tells what changes.
type status struct{ last *v1.CheckStatusInfo }

// NoResult is the status of a check that has found nothing, or nothing yet.
func NoResult(t v1.CheckInfo_Type) *v1.CheckStatusInfo {
	s := &v1.CheckStatusInfo{Type: t.Enum()}
	switch t {
	case v1.CheckInfo_COMMAND:
		s.Command = &v1.CheckStatusInfo_Command{}
	case v1.CheckInfo_HTTP:
		s.Http = &v1.CheckStatusInfo_Http{}
	case v1.CheckInfo_TCP:
		s.Tcp = &v1.CheckStatusInfo_Tcp{}
	}
	return s
}

func (s *status) start(time.Time) {}

func (s *status) result(_ time.Time, r Result, e *Effects) {
	now := NoResult(s.last.GetType())
	if r.Err == nil {
		switch now.GetType() {
		case v1.CheckInfo_COMMAND:
			now.Command.ExitCode = proto.Int32(int32(r.Exit))
		case v1.CheckInfo_HTTP:
			now.Http.StatusCode = proto.Uint32(uint32(r.Status))
		case v1.CheckInfo_TCP:
			now.Tcp.Succeeded = proto.Bool(r.Connected)
		}
	}
	if !proto.Equal(now, s.last) {
		s.last, e.Status = now, now
	}
}
