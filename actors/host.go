package actors

import (
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
)

// host is the one protoactor system of the program, silent: what is worth saying is said by this package.
var host = sync.OnceValue(func() *actor.ActorSystem {
	quiet := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }
	return actor.NewActorSystem(actor.WithLoggerFactory(quiet))
})

// spawned numbers the actors of the program, since two Systems may use the same id.
var spawned atomic.Uint64

// spawnOnHost starts receive as a protoactor actor that takes its work from m.
func spawnOnHost(id string, m *mailbox, receive actor.ReceiveFunc) (*actor.PID, error) {
	props := actor.PropsFromFunc(receive, actor.WithMailbox(func() actor.Mailbox { return m }))
	name := id + "#" + strconv.FormatUint(spawned.Add(1), 10)
	return host().Root.SpawnNamed(props, name)
}
