package simtest

import (
	"math/rand/v2"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	"mesos/actors/memnet"
	"mesos/messages/internalpb"
	executorv1 "mesos/messages/mesos/v1/executor"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// loseSome has single messages come twice, and those lost that their senders repeat, some of so many thousand.
func (x *chaos) loseSome() {
	x.lose(x.r.IntN(10), x.r.IntN(40))
}

// lose has so many of 2,000 messages come twice, and be lost if they are repeated.
func (x *chaos) lose(doubled, lost int) {
	chances := rand.New(rand.NewPCG(x.r.Uint64(), 5))
	f := chance(func(_, _ link.UPID, m proto.Message) memnet.Fate {
		if isRoutine(m) {
			return memnet.Arrives
		}
		switch n := chances.IntN(2000); {
		case n < doubled && !isAccept(m):
			x.say("a %s comes twice", m.ProtoReflect().Descriptor().Name())
			return memnet.Doubled
		case n < doubled+lost && isRepeated(m):
			x.say("a %s is lost", m.ProtoReflect().Descriptor().Name())
			return memnet.Lost
		}
		return memnet.Arrives
	})
	x.c.chance.Store(&f)
}

// loseOnly is some minutes in which nothing goes wrong but that single messages are lost: no session ends, and nobody
// starts anew, which would heal that.
func (x *chaos) loseOnly() {
	x.r = rand.New(rand.NewPCG(x.c.opts.Seed, 8))
	x.quiet = true
	x.lose(20, 400)
	for range 4 {
		x.launch()
		x.operate()
		x.killOne()
		x.advance(x.about(20 * time.Second))
	}
	x.advance(30 * time.Second)
	x.c.chance.Store(nil)
}

// isRoutine says that a message is one of very many that say only that somebody is there.
func isRoutine(m proto.Message) bool {
	switch m := m.(type) {
	case *internalpb.PingSlaveMessage, *internalpb.PongSlaveMessage:
		return true
	case *schedulerv1.Event:
		return m.GetType() == schedulerv1.Event_HEARTBEAT
	}
	return false
}

// isAccept says that a message uses offers up. One that comes twice finds them used, and its tasks, if nothing is known of
// them, dropped: so it is answered twice, in different words. No session does that.
func isAccept(m proto.Message) bool {
	c, is := m.(*schedulerv1.Call)
	return is && c.GetType() == schedulerv1.Call_ACCEPT
}

// isRepeated says that the sender of a message sends it again until it is answered.
func isRepeated(m proto.Message) bool {
	switch m := m.(type) {
	case *internalpb.RegisterSlaveMessage, *internalpb.SlaveRegisteredMessage, *internalpb.ReregisterSlaveMessage, *internalpb.SlaveReregisteredMessage,
		*internalpb.StatusUpdateMessage, *internalpb.StatusUpdateAcknowledgementMessage,
		*internalpb.UpdateOperationStatusMessage, *internalpb.AcknowledgeOperationStatusMessage:
		return true
	case *schedulerv1.Call:
		switch m.GetType() {
		case schedulerv1.Call_SUBSCRIBE, schedulerv1.Call_ACKNOWLEDGE, schedulerv1.Call_ACKNOWLEDGE_OPERATION_STATUS:
			return true
		}
	case *schedulerv1.Event:
		switch m.GetType() {
		case schedulerv1.Event_SUBSCRIBED, schedulerv1.Event_UPDATE_OPERATION_STATUS:
			return true
		case schedulerv1.Event_UPDATE:
			return len(m.GetUpdate().GetStatus().GetUuid()) > 0
		}
	case *executorv1.Call:
		return m.GetType() == executorv1.Call_SUBSCRIBE
	case *executorv1.Event:
		return m.GetType() == executorv1.Event_SUBSCRIBED || m.GetType() == executorv1.Event_ACKNOWLEDGED
	}
	return false
}
