package simtest_test

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/scheduler"
	"mesos/actors/simtest"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// keeper is a scheduler that keeps three tasks running. Each of its switches is a bug that schedulers have.
type keeper struct {
	onlyFailures bool // it replaces a task that failed or finished, and forgets all other ends
	deafAtTheEnd bool // it does not acknowledge how a task ended
	keepsOffers  bool // it takes an offer that it used for one that it still has
	hoards       bool // it does not decline what it does not need
	sameName     bool // a task that is replaced keeps its id

	launched int
	tasks    map[string]v1.TaskState
	offers   []*v1.Offer
}

func (k *keeper) Start(sys *actors.System, master actors.UPID) error {
	k.tasks = map[string]v1.TaskState{}
	_, err := scheduler.Start(sys, "scheduler(1)", scheduler.Config{Master: master, ManualAck: true, Log: slog.New(slog.DiscardHandler), Framework: &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("keeper"), FailoverTimeout: proto.Float64(3600), Checkpoint: proto.Bool(true),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}},
	}}, scheduler.Callbacks{
		Offers: k.offered, Update: k.updated,
		Rescinded:    func(_ *scheduler.Driver, id *v1.OfferID) { k.forget(id) },
		Disconnected: func(*scheduler.Driver) { k.offers = nil },
	})
	return err
}

func (k *keeper) forget(id *v1.OfferID) {
	k.offers = slices.DeleteFunc(k.offers, func(o *v1.Offer) bool { return o.GetId().GetValue() == id.GetValue() })
}

func (k *keeper) offered(d *scheduler.Driver, offers []*v1.Offer) {
	k.offers = append(k.offers, offers...)
	k.serve(d)
	if k.hoards {
		return
	}
	for _, o := range k.offers {
		d.Decline(scheduler.RefuseFor(time.Minute.Seconds()), o.GetId())
	}
	k.offers = nil
}

// serve launches what is missing.
func (k *keeper) serve(d *scheduler.Driver) {
	for len(k.tasks) < 3 && len(k.offers) > 0 {
		o := k.offers[0]
		if !k.keepsOffers || k.launched > 0 {
			k.offers = k.offers[1:]
		}
		id := fmt.Sprint("task-", k.launched)
		if k.sameName {
			for n := 0; ; n++ {
				if id = fmt.Sprint("task-", n); k.tasks[id] == 0 {
					break
				}
			}
		}
		k.launched++
		k.tasks[id] = v1.TaskState_TASK_STAGING
		d.Launch(o.GetId(), []*v1.TaskInfo{{
			Name: &id, TaskId: ids.Task(id), AgentId: o.AgentId, Resources: resources.MustParse("cpus:1;mem:32").Proto(),
			Command: &v1.CommandInfo{Value: proto.String("forever")},
		}}, scheduler.RefuseFor(0))
	}
}

func (k *keeper) updated(d *scheduler.Driver, s *v1.TaskStatus) {
	id, state := s.GetTaskId().GetValue(), s.GetState()
	over := states.Terminal(state) || state == v1.TaskState_TASK_UNREACHABLE || state == v1.TaskState_TASK_UNKNOWN
	if k.onlyFailures {
		over = state == v1.TaskState_TASK_FAILED || state == v1.TaskState_TASK_FINISHED
	}
	if over {
		delete(k.tasks, id)
		d.Revive()
		k.serve(d)
	} else {
		k.tasks[id] = state
	}
	if !over || !k.deafAtTheEnd {
		d.Acknowledge(s)
	}
}

func (k *keeper) Running() []string { return slices.Collect(maps.Keys(k.tasks)) }

// A scheduler without bugs comes well through everything.
func TestGoodScheduler(t *testing.T) {
	for _, recipe := range simtest.Recipes() {
		for seed := uint64(1); seed <= 3; seed++ {
			report := simtest.Try(t, &keeper{}, simtest.Trial{Recipe: recipe, Seed: seed})
			if len(report.Findings) > 0 {
				t.Errorf("a scheduler without bugs: %v", report)
			}
		}
	}
}

// Each bug is found by the recipe for it.
func TestBuggySchedulers(t *testing.T) {
	for _, c := range []struct {
		name    string
		bug     func() *keeper
		recipe  simtest.Recipe
		mistake simtest.Mistake
	}{
		{"it knows no other ends than failures", func() *keeper { return &keeper{onlyFailures: true} }, simtest.AgentsLost(), simtest.BelievedRunning},
		{"it does not acknowledge ends", func() *keeper { return &keeper{deafAtTheEnd: true} }, simtest.ExecutorCrashes(), simtest.NeverAcknowledged},
		{"it uses an offer again", func() *keeper { return &keeper{keepsOffers: true} }, simtest.Calm(), simtest.OfferUsedTwice},
		{"it does not answer offers", func() *keeper { return &keeper{hoards: true} }, simtest.Calm(), simtest.NeverAnswered},
		{"it gives ids again", func() *keeper { return &keeper{sameName: true} }, simtest.ExecutorCrashes(), simtest.TaskIDUsedTwice},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := uint64(1); seed <= 5; seed++ {
				if report := simtest.Try(t, c.bug(), simtest.Trial{Recipe: c.recipe, Seed: seed}); report.Has(c.mistake) {
					t.Logf("found: %v", report)
					return
				}
			}
			t.Errorf("5 seeds of %v found nothing, want %q", c.recipe, c.mistake)
		})
	}
}

// The same seed is the same report.
func TestReportRepeats(t *testing.T) {
	try := func() string {
		return simtest.Try(t, &keeper{onlyFailures: true}, simtest.Trial{Recipe: simtest.AgentsLost(), Seed: 4}).String()
	}
	if one, two := try(), try(); one != two {
		t.Errorf("the same trial gave\n%sand\n%s", one, two)
	}
}
