package agent

import (
	"mesos/actors"
	v1 "mesos/messages/mesos/v1"
)

// nobody is the id of the master while none is known. It is at the agent's own
// address, so that what is sent to it goes nowhere.
const nobody = "no-master"

func (a *Agent) masterKnown() bool { return a.conf.Master.ID != nobody }

// followLeader lets the detector say who leads.
func (a *Agent) followLeader() {
	if a.conf.Detector == nil {
		return
	}
	a.conf.Master = actors.UPID{ID: nobody, Addr: a.p.Self().Addr}
	a.wg.Go(func() {
		a.conf.Detector.Watch(a.ctx, func(info *v1.MasterInfo) { a.p.Dispatch(func() { a.masterDetected(info) }) })
	})
}

// masterDetected turns to another master, and away from one that leads no more.
func (a *Agent) masterDetected(info *v1.MasterInfo) {
	next := actors.UPID{ID: nobody, Addr: a.p.Self().Addr}
	if info != nil {
		var err error
		if next, err = actors.ParseUPID(info.GetPid()); err != nil {
			a.log.Error("the leading master says no process id", "error", err, "master_id", info.GetId())
			return
		}
	}
	if next == a.conf.Master && info.GetId() == a.leaderID {
		return
	}
	a.log.Info("who leads has changed", "agent_id", a.id, "before", a.conf.Master.String(), "master", next.String(), "master_id", info.GetId())
	a.conf.Master, a.leaderID, a.registered = next, info.GetId(), false
	a.login.Forget()
	a.stopPingTimer()
	if a.attempt == 0 || info == nil {
		return // recovery first; or there is nobody to register with
	}
	a.attempt++
	attempt := a.attempt
	// Not all agents at once.
	a.p.Delay(a.jitter(a.conf.RegistrationBackoff), func() { a.tryRegister(attempt, a.conf.RegistrationBackoff) })
}
