package simtest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"mesos/actors/agent"
	"mesos/actors/agent/localprovider"
	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/resources"
)

// Pool is a resource provider of an agent: the one for directories, on a disk
// that is modelled and that outlives the agent's program.
type Pool struct {
	mu     sync.Mutex
	info   *v1.ResourceProviderInfo
	size   float64
	state  []byte
	disks  map[string]bool
	full   bool
	stopAt int // it dies instead of writing its state for that time, if it is above 0
	saves  int
	uuids  uint64
	link   agent.ProviderLink
	conn   agent.ProviderConn
	cancel context.CancelFunc // of the run under way
	down   bool
	slow   time.Duration
}

// AddPool gives the agent a pool of so many MB. It begins with the next run of the agent.
func (a *Agent) AddPool(name string, mb float64) *Pool {
	kind := localprovider.DirectoryType
	p := &Pool{info: &v1.ResourceProviderInfo{Type: &kind, Name: &name}, size: mb, disks: map[string]bool{}}
	a.pools = append(a.pools, p)
	return p
}

// pools are the providers of an agent that has some.
type pools []*Pool

var _ agent.LocalProviders = pools(nil)

// Run implements [agent.LocalProviders]. A pool that dies starts again after a second.
func (list pools) Run(ctx context.Context, link agent.ProviderLink) {
	var wg sync.WaitGroup
	for _, p := range list {
		wg.Go(func() {
			for ctx.Err() == nil {
				if !p.isDown() && p.run(ctx, link) {
					return
				}
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
			}
		})
	}
	wg.Wait()
}

var errFixed = errors.New("the pools of a simulated agent are fixed")

// Add implements [agent.LocalProviders].
func (pools) Add(*v1.ResourceProviderInfo) error { return errFixed }

// Update implements [agent.LocalProviders].
func (pools) Update(*v1.ResourceProviderInfo) error { return errFixed }

// Remove implements [agent.LocalProviders].
func (pools) Remove(string, string) error { return errFixed }

// run is one run of the pool's program. It says whether it was marked gone.
func (p *Pool) run(ctx context.Context, link agent.ProviderLink) (gone bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mu.Lock()
	p.link, p.cancel = link, cancel
	p.mu.Unlock()
	run, gone, err := localprovider.OpenPool(p.info, localprovider.PoolOptions{
		Size: resources.FromFloat(p.size), Profile: "sim", Root: "/pool", Disks: p, NewUUID: p.newUUID,
	})
	if err != nil || gone {
		return true
	}
	run.Run(ctx, p)
	return ctx.Err() == nil
}

func (p *Pool) newUUID() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uuids++
	out := []byte("pool of a sim 00")
	for i, n := 0, p.uuids; n > 0; i, n = i+1, n>>8 {
		out[len(out)-1-i] = byte(n)
	}
	return out
}

// ProviderCall implements [agent.ProviderLink]: what the pool says passes through here.
func (p *Pool) ProviderCall(call *rpv1.Call, conn agent.ProviderConn) (int, string) {
	p.mu.Lock()
	link := p.link
	if call.GetType() == rpv1.Call_SUBSCRIBE {
		p.conn = conn
	}
	p.mu.Unlock()
	return link.ProviderCall(call, conn)
}

// ProviderLost implements [agent.ProviderLink].
func (p *Pool) ProviderLost(conn agent.ProviderConn, why string) {
	p.mu.Lock()
	link := p.link
	p.mu.Unlock()
	link.ProviderLost(conn, why)
}

// Flap ends the pool's subscription; it comes back after a second.
func (p *Pool) Flap() {
	p.mu.Lock()
	conn, link := p.conn, p.link
	p.mu.Unlock()
	link.ProviderLost(conn, "it flaps")
	conn.Close()
}

// Crash ends the pool's program, which starts again after a second.
func (p *Pool) Crash() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancel()
}

// Stop ends the pool's program until it is told to Continue.
func (p *Pool) Stop() {
	p.setDown(true)
	p.Crash()
}

// Continue lets a stopped program start again, within a second.
func (p *Pool) Continue() { p.setDown(false) }

func (p *Pool) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *Pool) isDown() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// CrashAtSave lets the pool's program die when it writes for the nth time from now on.
func (p *Pool) CrashAtSave(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopAt, p.saves = n, 0
}

// Crashed says that it came to that.
func (p *Pool) Crashed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopAt > 0 && p.saves >= p.stopAt
}

// Full lets the making of disks fail.
func (p *Pool) Full(full bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.full = full
}

// Slow lets the making of a disk take that long.
func (p *Pool) Slow(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = d
}

// Disks are the ids of the disks whose directories are there.
func (p *Pool) Disks() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.disks))
}

// Load implements [localprovider.Disks].
func (p *Pool) Load() ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state, nil
}

// Save implements [localprovider.Disks].
func (p *Pool) Save(state []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.saves++
	if p.stopAt > 0 && p.saves == p.stopAt {
		p.cancel()
		return errors.New("the program died")
	}
	p.state = state
	return nil
}

// Make implements [localprovider.Disks].
func (p *Pool) Make(id string) error {
	p.mu.Lock()
	slow := p.slow
	p.mu.Unlock()
	time.Sleep(slow)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full {
		return errors.New("no space left on device")
	}
	p.disks[id] = true
	return nil
}

// Remove implements [localprovider.Disks].
func (p *Pool) Remove(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.disks, id)
	return nil
}

// There implements [localprovider.Disks].
func (p *Pool) There(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.disks[id] {
		return errors.New("there is no such directory")
	}
	return nil
}

// MakeVolume implements [localprovider.Disks].
func (p *Pool) MakeVolume(resources.Resource) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full {
		return errors.New("no space left on device")
	}
	return nil
}

// ClearVolume implements [localprovider.Disks].
func (p *Pool) ClearVolume(resources.Resource) error { return nil }
