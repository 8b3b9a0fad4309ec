package master

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/master/validation"
	"mesos/actors/master/view"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// subscribe admits a framework, or takes one over, on a new connection. A
// refusal is told by an ERROR event on that same connection. It returns the
// framework, nil if refused.
func (m *Master) subscribe(call *schedulerv1.Call, conn Conn) *framework {
	sub := call.GetSubscribe()
	m.metrics.Subscribed(sub)
	known := m.frameworks[sub.GetFrameworkInfo().GetId().GetValue()] != nil
	f, err := m.admit(call.GetFrameworkId().GetValue(), sub, conn)
	if err != nil {
		m.log.Info("subscription refused", "framework", sub.GetFrameworkInfo().GetName(), "error", err)
		conn.Send(errorEvent(err.Error()))
		conn.Close()
		return nil
	}
	f.counts.Call(schedulerv1.Call_SUBSCRIBE)
	m.connect(f, conn, sub.GetSuppressedRoles())
	m.announceFramework(f, known)
	return f
}

// admit finds or makes the framework that a SUBSCRIBE names.
func (m *Master) admit(callID string, sub *schedulerv1.Call_Subscribe, conn Conn) (*framework, error) {
	info := sub.GetFrameworkInfo()
	id := info.GetId().GetValue()
	if id != callID {
		return nil, fmt.Errorf("framework_id %q of the call and framework_info.id %q must be equal", callID, id)
	}
	if err := validation.Framework(info, sub.GetSuppressedRoles(), !m.conf.NoRootSubmissions); err != nil {
		return nil, err
	}
	if err := m.checkRoles(info); err != nil {
		return nil, err
	}
	if err := m.mayHave(info, conn); err != nil {
		return nil, err
	}
	wants, err := m.wishesOf(info, sub.GetOfferConstraints())
	if err != nil {
		return nil, err
	}
	if id == "" {
		id = m.newFrameworkID()
	} else if slices.ContainsFunc(m.completed.values, func(f *framework) bool { return f.id == id }) || m.frameworks[id] != nil && m.frameworks[id].removed || m.removedFrameworks[id] {
		return nil, errors.New("framework has been removed: subscribe without an id to start a new one")
	}
	info = proto.CloneOf(info)
	info.Id = ids.Framework(id)
	f := m.frameworks[id]
	if f == nil {
		f = m.newFramework(info)
		f.registered, f.wishes = time.Now(), wants
		m.frameworks[id] = f
		m.addToAllocator(f, sub.GetSuppressedRoles())
		m.log.Info("framework subscribed", "framework_id", id, "name", info.GetName(), "roles", f.roles)
		return f, nil
	}
	if old := f.info.GetPrincipal(); old != info.GetPrincipal() {
		return nil, fmt.Errorf("framework_info.principal %q differs from %q that framework %s subscribed with: it cannot change", info.GetPrincipal(), old, id)
	}
	// These cannot change and are ignored, as old schedulers expect.
	info.User, info.Checkpoint = f.info.User, f.info.Checkpoint
	m.setInfo(f, info)
	f.reregistered, f.wishes = time.Now(), wants
	f.recovered = false
	m.alloc.UpdateFramework(m.allocatorView(f, sub.GetSuppressedRoles()))
	m.tellAgents(f)
	m.log.Info("framework re-subscribed", "framework_id", id, "name", info.GetName(), "roles", f.roles)
	return f, nil
}

func (m *Master) newFrameworkID() string {
	id := fmt.Sprintf("%s-%04d", m.conf.ID, m.nextFramework)
	m.nextFramework++
	return id
}

func (m *Master) newFramework(info *v1.FrameworkInfo) *framework {
	f := &framework{
		id: info.GetId().GetValue(), tasks: map[string]*task{}, executors: map[string]map[string]*executor{}, offers: map[string]*offer{}, inverse: map[string]*inverseOffer{},
		counts:      &view.Counts{},
		operations:  m.operationsOf(info.GetId().GetValue()),
		completed:   ring[*task]{max: m.conf.MaxCompletedTasks},
		unreachable: ring[*task]{max: m.conf.MaxUnreachableTasks},
	}
	m.setInfo(f, info)
	m.throttles.Add(info.GetPrincipal())
	return f
}

func (m *Master) setInfo(f *framework, info *v1.FrameworkInfo) {
	f.info, f.caps, f.roles = info, capabilitiesOf(info), rolesOf(info)
}

// allocatorView is what the allocator knows of a framework.
func (m *Master) allocatorView(f *framework, suppressed []string) allocator.Framework {
	return allocator.Framework{
		ID: f.id, Roles: f.roles, Suppressed: suppressed,
		Capabilities: allocator.Capabilities{
			GPU: f.caps.gpu, Shared: f.caps.shared, Revocable: f.caps.revocable,
			RegionAware: f.caps.regionAware, ReservationRefinement: f.caps.refinement,
		},
		MinAllocatable: f.wishes.minimums, Constraints: f.wishes.constraints, Priority: priorityOf(f.info),
	}
}

func (m *Master) addToAllocator(f *framework, suppressed []string) {
	m.alloc.AddFramework(m.allocatorView(f, suppressed), false, nil)
}

// connect makes conn the framework's connection. An older one is told and closed.
func (m *Master) connect(f *framework, conn Conn, suppressed []string) {
	if f.conn != nil && f.conn != conn {
		f.send(errorEvent("Framework failed over"))
		m.dropConn(f)
	}
	// The new instance knows nothing of older offers: they are taken back without RESCIND.
	m.withdrawOffers(f)
	if f.cancelFailover != nil {
		f.cancelFailover()
		f.cancelFailover = nil
	}
	m.cameBack(f)
	f.conn, f.active = conn, true
	f.pid = ""
	if to := driverOf(conn); !to.IsZero() {
		f.pid = to.String()
		m.watch(f, to)
	}
	f.suppressOnly(suppressed)
	f.send(subscribedEvent(f.id, m.info, m.conf.HeartbeatInterval))
	m.heartbeat(f, conn)
	m.alloc.ActivateFramework(f.id)
}

// heartbeat sends one at once, since some clients parse a record only when the
// next one's length arrives, and then one each interval.
func (m *Master) heartbeat(f *framework, conn Conn) {
	if f.conn != conn {
		return
	}
	f.send(heartbeatEvent())
	f.cancelHeartbeat = m.p.Delay(m.conf.HeartbeatInterval, func() { m.heartbeat(f, conn) })
}

// dropConn forgets the framework's connection after closing it.
func (m *Master) dropConn(f *framework) {
	if f.conn == nil {
		return
	}
	if f.cancelHeartbeat != nil {
		f.cancelHeartbeat()
		f.cancelHeartbeat = nil
	}
	if to := driverOf(f.conn); !to.IsZero() {
		m.unwatch(f, to.Addr)
	}
	f.conn.Close()
	f.conn, f.active = nil, false
}

// connLost is told when an HTTP subscription ended.
func (m *Master) connLost(f *framework, conn Conn, why string) {
	if f.conn == conn {
		m.disconnectFramework(f, why)
	}
}

// disconnectFramework keeps the framework's tasks for its failover timeout.
func (m *Master) disconnectFramework(f *framework, why string) {
	if f.conn == nil {
		return
	}
	m.dropConn(f)
	m.alloc.DeactivateFramework(f.id)
	m.withdrawOffers(f)
	timeout := time.Duration(f.info.GetFailoverTimeout() * float64(time.Second))
	m.log.Info("framework disconnected", "framework_id", f.id, "reason", why, "failover_timeout", timeout)
	m.keepDeadline(f, timeout)
	m.awaitFailover(f, timeout)
}

// awaitFailover removes the framework unless it subscribes again in time.
func (m *Master) awaitFailover(f *framework, timeout time.Duration) {
	f.cancelFailover = m.p.Delay(timeout, func() {
		if f.conn == nil && !f.removed {
			m.removeFramework(f, "its failover timeout passed")
		}
	})
}

// schedulerCall serves drivers that are actors.
func (m *Master) schedulerCall(from actors.UPID, call *schedulerv1.Call) {
	if err := validation.Call(call); err != nil {
		m.log.Warn("call refused", "from", from.String(), "call", call.GetType().String(), "error", err)
		return
	}
	conn := linkConn{m.p, from}
	principal := call.GetSubscribe().GetFrameworkInfo().GetPrincipal()
	f := m.frameworks[call.GetFrameworkId().GetValue()]
	if f != nil {
		principal = f.info.GetPrincipal()
	}
	if !m.throttles.Admit(principal, func() { m.driverCall(conn, call) }) {
		m.log.Warn("too many calls at once", "framework_id", call.GetFrameworkId().GetValue(), "from", from.String(), "principal", principal)
		conn.Send(errorEvent(fmt.Sprintf("principal %q sends more calls than its rate limit lets wait: the call %s was dropped", principal, call.GetType())))
		if f != nil && f.conn == Conn(conn) {
			m.disconnectFramework(f, "it exceeded its rate limit") // a driver stops on an error
		}
	}
}

// driverCall carries out a call that came over an actor link.
func (m *Master) driverCall(conn linkConn, call *schedulerv1.Call) {
	if call.GetType() == schedulerv1.Call_SUBSCRIBE {
		switch err := m.subscriberError(conn.to, call); {
		case errors.Is(err, errStranger):
			m.logins.Refuse(conn.to)
		case err != nil:
			conn.Send(errorEvent(err.Error()))
		default:
			m.subscribeLink(call, conn)
		}
		return
	}
	f := m.frameworks[call.GetFrameworkId().GetValue()]
	if f == nil || f.conn != Conn(conn) {
		m.metrics.Dropped.Inc()
		m.log.Warn("call of a framework that is not subscribed", "framework_id", call.GetFrameworkId().GetValue(), "from", conn.to.String(), "call", call.GetType().String())
		return
	}
	if ans := m.call(f, call); ans.Code >= http.StatusBadRequest {
		m.log.Warn("call refused", "framework_id", f.id, "from", conn.to.String(), "call", call.GetType().String(), "error", ans.Text)
	}
}

// subscribeLink answers a repeated SUBSCRIBE of the same driver with the same
// SUBSCRIBED: drivers repeat it until answered, and the answer may have crossed.
func (m *Master) subscribeLink(call *schedulerv1.Call, conn linkConn) {
	id := call.GetFrameworkId().GetValue()
	for _, c := range inOrder(m.atAddr[conn.to.Addr]) {
		if f, ok := c.(*framework); ok && f.conn == Conn(conn) && (id == "" || f.id == id) {
			f.send(subscribedEvent(f.id, m.info, m.conf.HeartbeatInterval))
			return
		}
	}
	m.subscribe(call, conn)
}
