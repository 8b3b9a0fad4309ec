package actors

import (
	"math/rand/v2"

	"github.com/google/uuid"
)

// everybodys is the random source of the program, which may be used from any goroutine.
type everybodys struct{}

func (everybodys) Uint64() uint64 { return rand.Uint64() }

// Rand is where an actor's random choices come from, like the jitter of its timers: a [Stage] can repeat them. It is to
// be used on the actor only. Nothing secret may come from it.
func (p *Process) Rand() *rand.Rand { return p.random }

// UUID returns a new random UUID (version 4). It is to be called on the actor only, since a [Stage] repeats it, too.
func (p *Process) UUID() uuid.UUID {
	if p.system.stage == nil {
		return uuid.New()
	}
	var u uuid.UUID
	for i := range u {
		u[i] = byte(p.random.Uint32())
	}
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}
