package disk

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Options of DU.
type Options struct {
	Interval time.Duration // --container_disk_watch_interval: between two looks; 0: 15 s
	Enforce  bool          // --enforce_container_disk_quota
}

// DU is the isolator disk/du.
type DU struct {
	o Options

	mu         sync.Mutex
	containers map[string]*container
	begin, end sync.Once
	stop       context.CancelFunc
	looking    sync.WaitGroup
}

var _ isolators.Isolator = (*DU)(nil)

// container is one that is known; those that share their parent's limits have no
// places of their own, as their sandboxes lie in their parent's.
type container struct {
	places  []place
	limited chan isolators.Limitation
}

// place is a directory with a quota.
type place struct {
	path  string
	info  *v1.Resource_DiskInfo // of a persistent volume; nil of the sandbox
	quota uint64                // bytes; 0: none
	used  uint64                // bytes, when it was last looked at
	known bool                  // it was
}

// New makes one.
func New(o Options) *DU {
	if o.Interval <= 0 {
		o.Interval = 15 * time.Second
	}
	return &DU{o: o, containers: make(map[string]*container)}
}

// Name implements isolators.Isolator.
func (*DU) Name() string { return "disk/du" }

// Recover implements isolators.Isolator.
func (u *DU) Recover(_ context.Context, live []isolators.Live) error {
	u.mu.Lock()
	for _, l := range live {
		u.containers[l.ID] = newContainer(l.Sandbox, l.Volumes, l.Demand, l.Shared)
	}
	u.mu.Unlock()
	u.begin.Do(func() {
		var ctx context.Context
		ctx, u.stop = context.WithCancel(context.Background()) // until Close
		u.looking.Go(func() { u.look(ctx) })
	})
	return nil
}

func newContainer(sandbox string, volumes []isolators.Volume, d isolators.Demand, shared bool) *container {
	c := &container{limited: make(chan isolators.Limitation, 1)}
	if shared {
		return c
	}
	c.places = append(c.places, place{path: sandbox, quota: d.Disk})
	for _, v := range volumes {
		c.places = append(c.places, place{path: v.Path, info: v.Info, quota: d.Volumes[v.Info.GetPersistence().GetId()]})
	}
	return c
}

// Prepare implements isolators.Isolator.
func (u *DU) Prepare(_ context.Context, c isolators.Container, _ *boot.Launch) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.containers[c.ID] != nil {
		return fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	u.containers[c.ID] = newContainer(c.Sandbox, c.Volumes, c.Demand, c.Shared)
	return nil
}

// find gives a container with the lock held, which the caller lets go if there is
// no error.
func (u *DU) find(id string) (*container, error) {
	u.mu.Lock()
	c := u.containers[id]
	if c == nil {
		u.mu.Unlock()
		return nil, fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
	}
	return c, nil
}

// Isolate implements isolators.Isolator.
func (u *DU) Isolate(_ context.Context, id string, _ int) error {
	_, err := u.find(id)
	if err == nil {
		u.mu.Unlock()
	}
	return err
}

// Update implements isolators.Isolator. Volumes that a container gets while it
// runs are not looked at.
func (u *DU) Update(_ context.Context, id string, d isolators.Demand) error {
	c, err := u.find(id)
	if err != nil {
		return err
	}
	defer u.mu.Unlock()
	for i := range c.places {
		p := &c.places[i]
		if p.quota = d.Disk; p.info != nil {
			p.quota = d.Volumes[p.info.GetPersistence().GetId()]
		}
	}
	return nil
}

// Usage implements isolators.Isolator.
func (u *DU) Usage(id string, to *v1.ResourceStatistics) error {
	c, err := u.find(id)
	if err != nil {
		return err
	}
	defer u.mu.Unlock()
	for _, p := range c.places {
		if p.quota == 0 {
			continue
		}
		s := &v1.DiskStatistics{LimitBytes: proto.Uint64(p.quota), Source: p.info.GetSource(), Persistence: p.info.GetPersistence()}
		if p.known {
			s.UsedBytes = proto.Uint64(p.used)
		}
		to.DiskStatistics = append(to.DiskStatistics, s)
		if p.info == nil {
			to.DiskLimitBytes, to.DiskUsedBytes = s.LimitBytes, s.UsedBytes
		}
	}
	return nil
}

// Watch implements isolators.Isolator.
func (u *DU) Watch(id string) <-chan isolators.Limitation {
	c, err := u.find(id)
	if err != nil {
		closed := make(chan isolators.Limitation)
		close(closed)
		return closed
	}
	defer u.mu.Unlock()
	return c.limited
}

// Cleanup implements isolators.Isolator.
func (u *DU) Cleanup(_ context.Context, id string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c := u.containers[id]; c != nil {
		close(c.limited)
		delete(u.containers, id)
	}
	return nil
}

// Close implements isolators.Isolator.
func (u *DU) Close() {
	u.end.Do(func() {
		u.begin.Do(func() {}) // nothing begins any more
		if u.stop != nil {
			u.stop()
		}
		u.looking.Wait()
		u.mu.Lock()
		defer u.mu.Unlock()
		for _, c := range u.containers {
			close(c.limited)
		}
		clear(u.containers)
	})
}

// look is the goroutine that measures, one place after the other so that it never
// takes more than one core and one disk's time.
func (u *DU) look(ctx context.Context) {
	every := time.NewTicker(u.o.Interval)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		for _, id := range u.ids() {
			u.measure(ctx, id)
		}
	}
}

func (u *DU) ids() (out []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id := range u.containers {
		out = append(out, id)
	}
	return out
}

// measure looks at the places of one container. Those that cannot be read, as one
// whose sandbox is gone, stay as they were.
func (u *DU) measure(ctx context.Context, id string) {
	u.mu.Lock()
	c := u.containers[id]
	var paths []string
	if c != nil {
		for _, p := range c.places {
			if p.quota > 0 {
				paths = append(paths, p.path)
			}
		}
	}
	u.mu.Unlock()
	for _, path := range paths {
		used, err := Measure(ctx, path)
		if err != nil {
			continue
		}
		u.mu.Lock()
		if u.containers[id] == c { // not cleaned up meanwhile
			u.found(c, path, used)
		}
		u.mu.Unlock()
	}
}

// found is told what a place takes up; u.mu is held.
func (u *DU) found(c *container, path string, used uint64) {
	for i := range c.places {
		p := &c.places[i]
		if p.path != path {
			continue
		}
		p.used, p.known = used, true
		if !u.o.Enforce || p.quota == 0 || used <= p.quota {
			continue
		}
		select {
		case c.limited <- p.limitation():
		default: // it was told already
		}
	}
}

const megabyte = 1 << 20

func (p *place) limitation() isolators.Limitation {
	what := "Disk usage"
	if p.info != nil {
		what = fmt.Sprintf("Disk usage of persistent volume %q", p.info.GetPersistence().GetId())
	}
	used := math.Ceil(float64(p.used)/megabyte*1000) / 1000
	return isolators.Limitation{
		Reason:  v1.TaskStatus_REASON_CONTAINER_LIMITATION_DISK,
		Message: fmt.Sprintf("%s (%gMB) exceeds quota (%gMB)", what, used, float64(p.quota)/megabyte),
		Resources: []*v1.Resource{{
			Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: &used}, Disk: p.info,
		}},
	}
}
