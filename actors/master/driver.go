package master

import (
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/master/v0"
	"mesos/actors/master/validation"
	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// installDriver installs the handlers for drivers of version 0. Each makes a call of what it gets.
func (m *Master) installDriver(p *actors.Process) {
	installV0(m, p, v0.Register)
	actors.Install(p, afterRecovery(m, m.driverReregisters))
	actors.Install(p, afterRecovery(m, m.driverCalls))
	actors.Install(p, afterRecovery(m, m.driverDeactivates))
	installV0(m, p, v0.Unregister)
	installV0(m, p, v0.Launch)
	installV0(m, p, v0.Request)
	installV0(m, p, v0.Revive)
	installV0(m, p, v0.Kill)
	installV0(m, p, v0.Acknowledge)
	installV0(m, p, v0.Message)
	installV0(m, p, v0.Reconcile)
}

// installV0 has a message carried out as the call that it is.
func installV0[M any, P interface {
	*M
	proto.Message
}](m *Master, p *actors.Process, callOf func(P) *schedulerv1.Call) {
	actors.Install(p, afterRecovery(m, func(from actors.UPID, msg P) { m.v0Call(from, callOf(msg), false) }))
}

func (m *Master) driverReregisters(from actors.UPID, msg *internalpb.ReregisterFrameworkMessage) {
	if msg.GetFramework().GetId().GetValue() == "" {
		m.refuseDriver(from, "framework.id is missing: a framework without one is registered, not re-registered")
		return
	}
	m.v0Call(from, v0.Reregister(msg), msg.GetFailover())
}

func (m *Master) driverCalls(from actors.UPID, msg *linkpb.DriverCallMessage) {
	m.v0Call(from, msg.GetCall(), msg.GetForce())
}

// v0Call carries out what a driver of version 0 asks for, when its principal's
// rate limit lets it.
func (m *Master) v0Call(from actors.UPID, call *schedulerv1.Call, force bool) {
	principal := call.GetSubscribe().GetFrameworkInfo().GetPrincipal()
	f := m.frameworks[call.GetFrameworkId().GetValue()]
	if f != nil {
		principal = f.info.GetPrincipal()
	}
	if m.throttles.Admit(principal, func() { m.v0Admitted(from, call, force) }) {
		return
	}
	m.refuseDriver(from, fmt.Sprintf("principal %q sends more calls than its rate limit lets wait: the call %s was dropped", principal, call.GetType()))
	if f != nil && isV0(f.conn) && driverOf(f.conn) == from {
		m.disconnectFramework(f, "it exceeded its rate limit") // a driver stops on an error
	}
}

func (m *Master) v0Admitted(from actors.UPID, call *schedulerv1.Call, force bool) {
	err := validation.Call(call)
	if call.GetType() == schedulerv1.Call_SUBSCRIBE {
		if err == nil {
			err = m.subscriberError(from, call)
		}
		if err != nil {
			m.refuseDriver(from, err.Error())
			return
		}
		m.v0Subscribe(from, call, force)
		return
	}
	f := m.subscribedDriver(from, call.GetFrameworkId(), call.GetType().String())
	if f == nil {
		return
	}
	if err == nil {
		if ans := m.call(f, call); ans.Code >= http.StatusBadRequest {
			err = errors.New(ans.Text)
		}
	}
	if err != nil {
		m.log.Warn("call refused", "framework_id", f.id, "from", from.String(), "call", call.GetType().String(), "error", err)
	}
}

// v0Subscribe subscribes a driver that may have done so before. Without
// force an instance at another address does not take a framework over: it may
// be an older one that does not know yet that it was replaced.
func (m *Master) v0Subscribe(from actors.UPID, call *schedulerv1.Call, force bool) {
	id := call.GetSubscribe().GetFrameworkInfo().GetId().GetValue()
	known := m.frameworkAt(from, id)
	if known != nil && id == "" {
		// Drivers repeat it until answered, and the answer may have crossed.
		known.send(subscribedEvent(known.id, m.info, m.conf.HeartbeatInterval))
		return
	}
	if f := m.frameworks[id]; f != nil && !force && f.pid != "" && f.pid != from.String() {
		m.log.Info("subscription of another instance refused", "framework_id", id, "from", from.String(), "pid", f.pid)
		m.refuseDriver(from, "Framework failed over")
		return
	}
	conn := m.newDriverConn(from, id != "" && !force)
	if known == nil {
		m.subscribe(call, conn)
		return
	}
	// The driver that registers again may still hold offers, or have forgotten
	// them: they end for both. Its new subscription replaces the old one silently.
	for _, o := range ordered.All(known.offers) {
		m.rescind(o, nil)
	}
	old := known.conn.(*driverConn)
	old.muted = true
	if m.subscribe(call, conn) == nil {
		old.muted = false // it keeps what it has
	}
}

// frameworkAt finds the framework that a driver of version 0 is subscribed for, with that id if it is not "".
func (m *Master) frameworkAt(from actors.UPID, id string) *framework {
	for _, c := range inOrder(m.atAddr[from.Addr]) {
		if f, ok := c.(*framework); ok && isV0(f.conn) && driverOf(f.conn) == from && (id == "" || f.id == id) {
			return f
		}
	}
	return nil
}

// refuseDriver tells a driver that it must not go on.
func (m *Master) refuseDriver(to actors.UPID, why string) {
	m.log.Info("driver refused", "from", to.String(), "error", why)
	m.p.Send(to, &internalpb.FrameworkErrorMessage{Message: proto.String(why)})
}

// subscribedDriver finds the framework that a message of a driver is for, nil if it is not the driver's.
func (m *Master) subscribedDriver(from actors.UPID, id *v1.FrameworkID, what string) *framework {
	f := m.frameworks[id.GetValue()]
	if f == nil || !isV0(f.conn) || driverOf(f.conn) != from {
		m.log.Warn("call of a framework that is not subscribed", "framework_id", id.GetValue(), "from", from.String(), "call", what)
		return nil
	}
	return f
}

// driverDeactivates stops the offers of a driver that was aborted. Its tasks
// run on, and its failover timeout begins when its connection ends.
func (m *Master) driverDeactivates(from actors.UPID, msg *internalpb.DeactivateFrameworkMessage) {
	m.metrics.DeactivateFramework.Inc()
	f := m.subscribedDriver(from, msg.GetFrameworkId(), "DeactivateFrameworkMessage")
	if f == nil {
		return
	}
	m.log.Info("framework deactivated", "framework_id", f.id)
	f.active = false
	m.alloc.DeactivateFramework(f.id)
	for _, o := range ordered.All(f.offers) {
		m.rescind(o, nil)
	}
}
