package scheduler

import (
	"time"

	"context"
	"sync"

	"mesos/actors"
	v1 "mesos/messages/mesos/v1"
)

// nobody is the id of the master while none is known. It is at the driver's own
// address, so that what is sent to it goes nowhere.
const nobody = "no-master"

func (d *Driver) masterKnown() bool { return d.conf.Master.ID != nobody }

// followLeader lets the detector say who leads.
func (d *Driver) followLeader() {
	if d.conf.Detector == nil {
		return
	}
	d.conf.Master = actors.UPID{ID: nobody, Addr: d.p.Self().Addr}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		d.conf.Detector.Watch(ctx, func(info *v1.MasterInfo) { d.p.Dispatch(func() { d.masterDetected(info) }) })
	})
	d.p.OnStop(func() {
		cancel()
		wg.Wait()
	})
}

// masterDetected turns to another master, and away from one that leads no more.
func (d *Driver) masterDetected(info *v1.MasterInfo) {
	next := actors.UPID{ID: nobody, Addr: d.p.Self().Addr}
	if info != nil {
		var err error
		if next, err = actors.ParseUPID(info.GetPid()); err != nil {
			d.log.Error("the leading master says no process id", "error", err, "master_id", info.GetId())
			return
		}
	}
	if d.stopped || next == d.conf.Master && info.GetId() == d.leaderID {
		return
	}
	subscribed := d.subscribed
	d.conf.Master, d.leaderID = next, info.GetId()
	d.login.Forget()
	if subscribed {
		d.lost("another master leads, or none")
		return
	}
	d.attempt++
	attempt := d.attempt
	// Not all schedulers at once.
	d.p.Delay(time.Duration(d.p.Rand().Int64N(int64(d.conf.Backoff))), func() { d.try(attempt, d.conf.Backoff) })
}
