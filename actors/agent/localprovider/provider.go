package localprovider

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"mesos/actors/agent"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// tryAgain is the pause after a subscription that ended, or a disk that refused a write.
const tryAgain = time.Second

// PoolOptions are what a pool is made of.
type PoolOptions struct {
	Size    resources.Quantity // MB
	Profile string
	Root    string // of the directories that disks are
	Disks   Disks
	NewUUID func() []byte // random ones if nil
	Log     *slog.Logger
}

// Pool is a resource provider of directories. It runs on one goroutine.
type Pool struct {
	*pool
	info    *v1.ResourceProviderInfo
	disks   Disks
	newUUID func() []byte
	log     *slog.Logger

	link    agent.ProviderLink
	conn    *queue
	version []byte // uuid of what was last told
	told    bool   // since it subscribed
}

// OpenPool takes up what the disk says of the pool. One that was marked gone
// begins anew, under another id.
func OpenPool(info *v1.ResourceProviderInfo, o PoolOptions) (p *Pool, gone bool, err error) {
	empty := func() *pool {
		return &pool{size: o.Size, profile: o.Profile, stack: info.GetDefaultReservations(), root: o.Root, operations: map[string]*v1.Operation{}}
	}
	p = &Pool{pool: empty(), info: info, disks: o.Disks, newUUID: o.NewUUID, log: o.Log}
	if p.newUUID == nil {
		p.newUUID = func() []byte { u := uuid.New(); return u[:] }
	}
	if p.log == nil {
		p.log = slog.Default()
	}
	state, err := o.Disks.Load()
	if err == nil && state != nil {
		gone, err = p.decode(state)
	}
	if err != nil {
		return nil, false, fmt.Errorf("state of the pool: %w", err)
	}
	if gone {
		p.pool = empty()
	}
	_, err = p.total()
	return p, gone, err
}

// Run implements [Provider].
func (p *Pool) Run(ctx context.Context, link agent.ProviderLink) {
	p.link = link
	for ctx.Err() == nil {
		if p.serve(ctx) {
			return
		}
		pause(ctx)
	}
}

func pause(ctx context.Context) {
	select {
	case <-time.After(tryAgain):
	case <-ctx.Done():
	}
}

// serve is one subscription. It says whether the provider is gone.
func (p *Pool) serve(ctx context.Context) (gone bool) {
	p.conn, p.told = newQueue(), false
	defer p.link.ProviderLost(p.conn, "it ended")
	switch code := p.subscribe(); code {
	case http.StatusOK:
	case http.StatusGone:
		p.teardown(ctx)
		return true
	case http.StatusBadRequest:
		if p.id == "" {
			return false
		}
		// The agent that gave the id is another one now: what was made here is still there.
		p.log.Warn("resource provider gets another id", "resource_provider_id", p.id)
		if err := p.rename(""); err != nil {
			p.log.Error("resources of the pool cannot be renamed", "error", err)
		}
		return false
	default:
		return false
	}
	for e := p.conn.next(ctx); e != nil; e = p.conn.next(ctx) {
		if e.GetType() == rpv1.Event_TEARDOWN {
			p.teardown(ctx)
			return true
		}
		p.event(ctx, e)
	}
	return false
}

func (p *Pool) subscribe() (code int) {
	info := proto.CloneOf(p.info)
	info.Id = ids.Provider(p.id)
	code, why := p.link.ProviderCall(&rpv1.Call{Type: rpv1.Call_SUBSCRIBE.Enum(), Subscribe: &rpv1.Call_Subscribe{ResourceProviderInfo: info}}, p.conn)
	if code != http.StatusOK {
		p.log.Warn("resource provider was refused", "resource_provider_id", p.id, "error", why)
	}
	return code
}

// call sends a call of the subscription. One that is refused is of a subscription
// that has ended: then all is told again.
func (p *Pool) call(c *rpv1.Call) {
	c.ResourceProviderId = ids.Provider(p.id)
	if code, why := p.link.ProviderCall(c, p.conn); code != http.StatusAccepted {
		p.log.Warn("call of the resource provider was refused", "resource_provider_id", p.id, "type", c.GetType().String(), "error", why)
	}
}

func (p *Pool) event(ctx context.Context, e *rpv1.Event) {
	switch e.GetType() {
	case rpv1.Event_SUBSCRIBED:
		p.subscribed(ctx, e.GetSubscribed().GetProviderId().GetValue())
	case rpv1.Event_APPLY_OPERATION:
		p.applyOperation(ctx, e.GetApplyOperation())
	case rpv1.Event_ACKNOWLEDGE_OPERATION_STATUS:
		p.acknowledged(ctx, e.GetAcknowledgeOperationStatus())
	case rpv1.Event_RECONCILE_OPERATIONS:
		for _, u := range e.GetReconcileOperations().GetOperationUuids() {
			p.reconcile(ctx, u)
		}
	case rpv1.Event_PUBLISH_RESOURCES:
		p.publish(e.GetPublishResources())
	}
}

// subscribed ends what an earlier run left pending, and tells what there is.
func (p *Pool) subscribed(ctx context.Context, id string) {
	if id != p.id {
		if err := p.rename(id); err != nil {
			p.log.Error("resources of the pool cannot be renamed", "error", err)
			return
		}
	}
	if !p.save(ctx) {
		return
	}
	for _, o := range ordered.All(p.operations) {
		if o.GetLatestStatus().GetState() == v1.OperationState_OPERATION_PENDING {
			p.carryOn(ctx, o)
		}
	}
	total, err := p.total()
	if err != nil {
		p.log.Error("resources of the pool cannot be told", "error", err)
		return
	}
	state := &rpv1.Call_UpdateState{Resources: total.Proto(), ResourceVersionUuid: &v1.UUID{Value: p.newUUID()}}
	p.version, p.told = state.ResourceVersionUuid.Value, true
	for _, o := range ordered.All(p.operations) {
		state.Operations = append(state.Operations, o)
	}
	p.call(&rpv1.Call{Type: rpv1.Call_UPDATE_STATE.Enum(), UpdateState: state})
}

// publish says whether the disks are there: directories need no more to be used.
func (p *Pool) publish(ask *rpv1.Event_PublishResources) {
	status := rpv1.Call_UpdatePublishResourcesStatus_OK
	for _, r := range ask.GetResources() {
		if id := r.GetDisk().GetSource().GetId(); id != "" {
			if err := p.disks.There(id); err != nil {
				p.log.Error("disk cannot be used", "disk", id, "error", err)
				status = rpv1.Call_UpdatePublishResourcesStatus_FAILED
			}
		}
	}
	p.call(&rpv1.Call{Type: rpv1.Call_UPDATE_PUBLISH_RESOURCES_STATUS.Enum(), UpdatePublishResourcesStatus: &rpv1.Call_UpdatePublishResourcesStatus{Uuid: ask.Uuid, Status: status.Enum()}})
}

// teardown deletes the disks of a provider that was marked gone: nothing uses them, and they hold no volumes.
func (p *Pool) teardown(ctx context.Context) {
	for id := range ordered.All(p.diskIDs()) {
		if err := p.disks.Remove(id); err != nil {
			p.log.Error("disk of a resource provider that is gone is not deleted", "disk", id, "error", err)
		}
	}
	p.made, p.operations = resources.Resources{}, map[string]*v1.Operation{}
	p.log.Warn("resource provider is gone", "resource_provider_id", p.id)
	p.write(ctx, true)
}

// save makes the state durable, again and again while the disk refuses; false if ctx ends before that.
func (p *Pool) save(ctx context.Context) bool { return p.write(ctx, false) }

func (p *Pool) write(ctx context.Context, gone bool) bool {
	for {
		state, err := p.encode(gone)
		if err == nil {
			err = p.disks.Save(state)
		}
		if err == nil {
			return true
		}
		p.log.Error("the state of a resource provider cannot be written; nothing is told until it can", "resource_provider_id", p.id, "error", err)
		if pause(ctx); ctx.Err() != nil {
			return false
		}
	}
}
