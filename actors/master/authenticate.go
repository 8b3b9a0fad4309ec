package master

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/master/validation"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// installAuthentication lets agents and drivers show whose they are.
func (m *Master) installAuthentication(p *actors.Process) {
	m.logins = authentication.NewServer(p, m.conf.Credentials, m.conf.AuthenticationTimeout, m.metrics.Authenticate.Inc, m.log)
}

// ofKnown has agents heard only when they have authenticated, if they must.
func ofKnown[P proto.Message](m *Master, h func(actors.UPID, P)) func(actors.UPID, P) {
	return func(from actors.UPID, msg P) {
		if _, known := m.logins.Principal(from); m.conf.AuthenticateAgents && !known {
			m.logins.Refuse(from)
			return
		}
		h(from, msg)
	}
}

// errStranger says that a driver has not authenticated, and must.
var errStranger = errors.New("it is not authenticated")

// subscriberError says why a driver may not subscribe: it must authenticate, or goes by another principal than it is.
func (m *Master) subscriberError(from actors.UPID, call *schedulerv1.Call) error {
	principal, known := m.logins.Principal(from)
	if m.conf.AuthenticateFrameworks && !known {
		return fmt.Errorf("framework at %s: %w", from, errStranger)
	}
	return validation.CallPrincipal(call, principal)
}
