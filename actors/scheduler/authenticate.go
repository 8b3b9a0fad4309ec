package scheduler

import (
	"errors"
	"fmt"

	"mesos/actors/authentication"
)

// authenticated goes on when the master knows whose framework this is.
func (d *Driver) authenticated() {
	if !d.stopped && !d.subscribed {
		d.subscribe()
	}
}

// notAuthenticated ends a driver that the master will not hear, however often it tries.
func (d *Driver) notAuthenticated(err error) {
	switch {
	case d.stopped || d.subscribed:
	case d.conf.Credential == nil || errors.Is(err, authentication.ErrNotKnown):
		d.onError(fmt.Errorf("authentication: %w", err))
	default:
		d.log.Warn("the master does not hear this framework", "framework_id", d.FrameworkID(), "master", d.conf.Master.String(), "error", err)
	}
}
