package registry

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	quotav1 "mesos/messages/mesos/v1/quota"
)

func info(id string) *v1.AgentInfo {
	return &v1.AgentInfo{Id: ids.Agent(id), Hostname: proto.String("host-" + id)}
}

func framework(id string) *v1.FrameworkInfo {
	return &v1.FrameworkInfo{Id: ids.Framework(id), Name: proto.String("name"), User: proto.String("user"), Roles: []string{"r"}}
}

func machine(host string) *v1.MachineID { return &v1.MachineID{Hostname: proto.String(host)} }

func schedule(hosts ...string) *maintenancev1.Schedule {
	s := &maintenancev1.Schedule{}
	for _, h := range hosts {
		s.Windows = append(s.Windows, &maintenancev1.Window{
			MachineIds: []*v1.MachineID{machine(h)}, Unavailability: &v1.Unavailability{Start: &v1.TimeInfo{Nanoseconds: proto.Int64(1)}},
		})
	}
	return s
}

func quota(role string, cpus float64) *quotav1.QuotaConfig {
	q := &quotav1.QuotaConfig{Role: proto.String(role)}
	if cpus > 0 {
		q.Limits = map[string]*v1.Value_Scalar{"cpus": {Value: proto.Float64(cpus)}}
	}
	return q
}

// at is n minutes after some moment.
func at(n int) time.Time { return time.Unix(1_000_000, 0).Add(time.Duration(n) * time.Minute) }

func do(s *State, op Operation) ([]Change, error) {
	c, err := op(s)
	if err != nil {
		return nil, err
	}
	c = s.needed(c)
	s.apply(c)
	return c, nil
}

// held is what a state holds, as table/key.
func held(s *State) string {
	var out []string
	for _, t := range Tables {
		for _, k := range s.Keys(t) {
			out = append(out, string(t)+"/"+k)
		}
	}
	return strings.Join(out, " ")
}

func TestOperations(t *testing.T) {
	var (
		admitted    = []Operation{Admit(info("a"))}
		unreachable = append(admitted, MarkUnreachable("a", at(0)))
		gone        = append(admitted, MarkGone("a", at(0)))
		draining    = append(admitted, Drain("a", &v1.DrainConfig{MarkGone: proto.Bool(true)}))
		scheduled   = []Operation{UpdateSchedule(schedule("h1", "h2"))}
		down        = append(scheduled, MachinesDown(machine("H1")))
	)
	for _, c := range []struct {
		name   string
		before []Operation
		op     Operation
		rows   int   // changed
		err    error // or refused
		want   string
	}{
		{"admit", nil, Admit(info("a")), 1, nil, "agents/a"},
		{"admit again", admitted, Admit(info("a")), 0, nil, "agents/a"},
		{"admit an unreachable one", unreachable, Admit(info("a")), 0, ErrConflict, "unreachable/a"},
		{"admit a gone one", gone, Admit(info("a")), 0, ErrGone, "gone/a"},
		{"readmit an unreachable one", unreachable, Readmit(info("a")), 2, nil, "agents/a"},
		{"readmit an admitted one", admitted, Readmit(info("a")), 0, nil, "agents/a"},
		{"readmit a forgotten one", nil, Readmit(info("a")), 1, nil, "agents/a"},
		{"readmit a gone one", gone, Readmit(info("a")), 0, ErrGone, "gone/a"},
		{"mark unreachable", admitted, MarkUnreachable("a", at(1)), 2, nil, "unreachable/a"},
		{"mark unreachable again", unreachable, MarkUnreachable("a", at(1)), 0, nil, "unreachable/a"},
		{"mark an unknown one unreachable", nil, MarkUnreachable("a", at(1)), 0, ErrNotAdmitted, ""},
		{"mark gone", admitted, MarkGone("a", at(1)), 2, nil, "gone/a"},
		{"mark an unreachable one gone", unreachable, MarkGone("a", at(1)), 2, nil, "gone/a"},
		{"mark gone again", gone, MarkGone("a", at(1)), 0, nil, "gone/a"},
		{"mark an unknown one gone", nil, MarkGone("a", at(1)), 0, ErrUnknown, ""},
		{"remove", admitted, Remove("a"), 1, nil, ""},
		{"remove an unknown one", nil, Remove("a"), 0, nil, ""},
		{"drain", admitted, Drain("a", &v1.DrainConfig{}), 2, nil, "agents/a capabilities/AGENT_DRAINING"},
		{"drain an unreachable one", unreachable, Drain("a", &v1.DrainConfig{}), 2, nil, "unreachable/a capabilities/AGENT_DRAINING"},
		{"drain an unknown one", nil, Drain("a", &v1.DrainConfig{}), 0, ErrUnknown, ""},
		{"drain a gone one", gone, Drain("a", &v1.DrainConfig{}), 0, ErrGone, "gone/a"},
		{"drained", draining, Drained("a"), 1, nil, "agents/a capabilities/AGENT_DRAINING"},
		{"drained without draining", admitted, Drained("a"), 0, ErrConflict, "agents/a"},
		{"deactivate", admitted, Deactivate("a"), 2, nil, "agents/a capabilities/AGENT_DRAINING"},
		{"reactivate", append(admitted, Deactivate("a")), Reactivate("a"), 2, nil, "agents/a"},
		{"reactivate one of two", append(admitted, Admit(info("b")), Deactivate("a"), Deactivate("b")), Reactivate("a"), 1, nil, "agents/a agents/b capabilities/AGENT_DRAINING"},
		{"reactivate an active one", admitted, Reactivate("a"), 0, ErrConflict, "agents/a"},
		{"reactivate a draining one", draining, Reactivate("a"), 0, ErrConflict, "agents/a capabilities/AGENT_DRAINING"},
		{"reactivate a drained one", append(draining, Drained("a")), Reactivate("a"), 2, nil, "agents/a"},
		{"quota", nil, UpdateQuota(quota("r", 1), quota("s", 2)), 3, nil, "quota/r quota/s capabilities/QUOTA_V2"},
		{"the same quota", []Operation{UpdateQuota(quota("r", 1))}, UpdateQuota(quota("r", 1)), 0, nil, "quota/r capabilities/QUOTA_V2"},
		{"the last quota goes", []Operation{UpdateQuota(quota("r", 1))}, UpdateQuota(quota("r", 0)), 2, nil, ""},
		{"weights", nil, UpdateWeights(&v1.WeightInfo{Role: proto.String("r"), Weight: proto.Float64(2)}), 1, nil, "weights/r"},
		{"schedule", nil, UpdateSchedule(schedule("H1")), 2, nil, "machines/h1  schedule/schedule"},
		{"the same schedule", scheduled, UpdateSchedule(schedule("h1", "h2")), 0, nil, "machines/h1  machines/h2  schedule/schedule"},
		{"empty schedule", scheduled, UpdateSchedule(schedule()), 3, nil, ""},
		{"schedule without one that is down", down, UpdateSchedule(schedule("h2")), 0, ErrConflict, "machines/h1  machines/h2  schedule/schedule"},
		{"schedule with one that is down", down, UpdateSchedule(schedule("h1")), 2, nil, "machines/h1  schedule/schedule"},
		{"machine down", scheduled, MachinesDown(machine("h1")), 1, nil, "machines/h1  machines/h2  schedule/schedule"},
		{"machine down that is not scheduled", scheduled, MachinesDown(machine("h1"), machine("h3")), 0, ErrConflict, "machines/h1  machines/h2  schedule/schedule"},
		{"machine down twice", down, MachinesDown(machine("h1")), 0, ErrConflict, "machines/h1  machines/h2  schedule/schedule"},
		{"machine up", down, MachinesUp(machine("h1")), 2, nil, "machines/h2  schedule/schedule"},
		{"machine up that is not down", down, MachinesUp(machine("h2")), 0, ErrConflict, "machines/h1  machines/h2  schedule/schedule"},
		{"require", nil, Require(v1.MasterInfo_Capability_AGENT_UPDATE), 1, nil, "capabilities/AGENT_UPDATE"},
		{"release", []Operation{Require(v1.MasterInfo_Capability_AGENT_UPDATE)}, Release(v1.MasterInfo_Capability_AGENT_UPDATE), 1, nil, ""},
		{"await failover", nil, AwaitFailover(framework("f"), at(1)), 1, nil, "frameworks/f"},
		{"came back", []Operation{AwaitFailover(framework("f"), at(1))}, CameBack("f"), 1, nil, ""},
		{"came back without leaving", nil, CameBack("f"), 0, nil, ""},
		{"remove framework", []Operation{AwaitFailover(framework("f"), at(1))}, RemoveFramework(framework("f"), at(2)), 1, nil, "frameworks/f"},
		{"removed comes back", []Operation{RemoveFramework(framework("f"), at(2))}, CameBack("f"), 0, nil, "frameworks/f"},
		{"removed goes away", []Operation{RemoveFramework(framework("f"), at(2))}, AwaitFailover(framework("f"), at(3)), 0, nil, "frameworks/f"},
		{"forget framework", []Operation{RemoveFramework(framework("f"), at(2))}, ForgetFramework("f"), 1, nil, ""},
		{"prune by age", append(unreachable, Admit(info("b")), MarkGone("b", at(50)), RemoveFramework(framework("f"), at(0))),
			Prune(at(60), Limit{30 * time.Minute, 10}, 100), 2, nil, "gone/b"},
		{"prune by count", append(unreachable, Admit(info("b")), MarkUnreachable("b", at(1)), Admit(info("c")), MarkUnreachable("c", at(2))),
			Prune(at(3), Limit{time.Hour, 1}, 100), 2, nil, "unreachable/c"},
		{"prune few at a time", append(unreachable, Admit(info("b")), MarkUnreachable("b", at(1))), Prune(at(60), Limit{time.Minute, 10}, 1), 1, nil, "unreachable/b"},
		{"prune leaves who is away", []Operation{AwaitFailover(framework("f"), at(0))}, Prune(at(600), Limit{time.Minute, 1}, 100), 0, nil, "frameworks/f"},
	} {
		s := NewState()
		for _, op := range c.before {
			if _, err := do(s, op); err != nil {
				t.Fatalf("%s: before: %v", c.name, err)
			}
		}
		changed, err := do(s, c.op)
		if !errors.Is(err, c.err) || len(changed) != c.rows {
			t.Errorf("%s: changed %d rows (%v), want %d (%v)", c.name, len(changed), err, c.rows, c.err)
		}
		var refused *OperationError
		if c.err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: got %T, want an *OperationError", c.name, err)
		}
		if got := strings.TrimSpace(held(s)); got != strings.TrimSpace(c.want) {
			t.Errorf("%s: holds %q, want %q", c.name, got, c.want)
		}
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What an agent is told to be stays with it while it is away.
func TestDrainOutlivesUnreachability(t *testing.T) {
	s := NewState()
	for _, op := range []Operation{Admit(info("a")), Drain("a", &v1.DrainConfig{}), MarkUnreachable("a", at(0)), Drained("a"), Readmit(info("a"))} {
		if _, err := do(s, op); err != nil {
			t.Fatal(err)
		}
	}
	if a := s.Agent("a"); !a.GetDeactivated() || a.GetDrainInfo().GetState() != v1.DrainState_DRAINED {
		t.Errorf("got %v, want it deactivated and drained", a)
	}
}

func TestLacking(t *testing.T) {
	s := NewState()
	s.apply([]Change{require(v1.MasterInfo_Capability_QUOTA_V2), put(Capabilities, "Z", require(0).Value), put(Capabilities, "A", require(0).Value)})
	if got, want := s.Lacking(), []string{"A", "Z"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
