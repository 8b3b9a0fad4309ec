package webui

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/files"
	"mesos/actors/master"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/webui"
)

// tasksEach is how many tasks each simulated agent runs.
const tasksEach = 20

// crowd is a master in this program with agents that only say that they run tasks.
type crowd struct {
	url    string
	master *actors.Process
	agents []*actors.Process
	turn   int
}

func startCrowd(t testing.TB, agents int) *crowd {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	reg := metrics.NewRegistry()
	t.Cleanup(reg.Close)
	h := master.NewHTTP(operator.Common{Files: files.New(), Metrics: reg}, webui.Handler())
	net, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{HTTP: h})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(quiet))
	t.Cleanup(sys.Shutdown)
	policy, err := allocator.NewPolicy("hierarchical", allocator.PolicyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	core := allocator.NewCore(allocator.Options{}, policy)
	conf := master.Config{
		ID: uuid.NewString(), Hostname: "127.0.0.1", Cluster: "crowd", Version: "1.11.0", Log: quiet, Metrics: reg, HistoryInterval: 10 * time.Second,
		AgentPingTimeout: time.Hour, // these agents answer no pings
	}
	m, err := master.Start(sys, conf, func(offers func([]allocator.Offer)) *allocator.Actor { return allocator.NewActor(core, offers) })
	if err != nil {
		t.Fatal(err)
	}
	h.SetMaster(m)
	if !hasPages(t, "http://"+sys.Addr()+"/") {
		t.Skip("this test was built without the pages: make webui, with Node and npm")
	}
	c := &crowd{url: "http://" + sys.Addr(), master: m.Process()}
	far, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	others := actors.NewSystem(far, actors.WithLogger(quiet))
	t.Cleanup(others.Shutdown)
	for i := range agents {
		p, err := others.Spawn(fmt.Sprintf("slave(%d)", i), actors.ActorFunc(func(*actors.Process) {}))
		if err != nil {
			t.Fatal(err)
		}
		c.agents = append(c.agents, p)
		p.Send(c.master.Self(), reregistration(i))
	}
	return c
}

func agentID(i int) string     { return fmt.Sprintf("00000000-0000-4000-8000-000000000000-S%d", i) }
func frameworkID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-000000000000-%04d", i%10) }
func taskID(agent, n int) string {
	return fmt.Sprintf("service-%d.instance-%d", agent%50, agent*tasksEach+n)
}
func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1e3 }

func reregistration(i int) *internalpb.ReregisterSlaveMessage {
	res := resources.MustParse("cpus:0.5;mem:512").Allocate(fmt.Sprintf("team-%d", i%10))
	m := &internalpb.ReregisterSlaveMessage{
		Version: proto.String("1.11.0"),
		Slave: &v1.AgentInfo{
			Id: ids.Agent(agentID(i)), Hostname: proto.String(fmt.Sprintf("node-%04d.example", i)), Port: proto.Int32(5051),
			Resources:  resources.MustParse("cpus:16;mem:65536;disk:1000000;ports:[31000-32000]").Proto(),
			Attributes: []*v1.Attribute{{Name: proto.String("rack"), Type: v1.Value_TEXT.Enum(), Text: &v1.Value_Text{Value: proto.String(fmt.Sprintf("r%02d", i/40))}}},
		},
		AgentCapabilities: []*v1.AgentInfo_Capability{{Type: v1.AgentInfo_Capability_MULTI_ROLE.Enum()}},
		Frameworks: []*v1.FrameworkInfo{{
			Id: ids.Framework(frameworkID(i)), User: proto.String("u"), Name: proto.String(fmt.Sprintf("platform-%d", i%10)), Roles: []string{fmt.Sprintf("team-%d", i%10)},
			FailoverTimeout: proto.Float64(1e6), Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()}},
		}},
	}
	for n := range tasksEach {
		m.Tasks = append(m.Tasks, &v1.Task{
			Name: proto.String(fmt.Sprintf("service-%d", i%50)), TaskId: ids.Task(taskID(i, n)), FrameworkId: ids.Framework(frameworkID(i)), AgentId: ids.Agent(agentID(i)),
			State: v1.TaskState_TASK_RUNNING.Enum(), Resources: res.Proto(),
			Statuses: []*v1.TaskStatus{{TaskId: ids.Task(taskID(i, n)), State: v1.TaskState_TASK_RUNNING.Enum(), Timestamp: proto.Float64(seconds(time.Now()))}},
		})
	}
	return m
}

// change has some tasks change their state.
func (c *crowd) change(tasks int) {
	for range tasks {
		c.turn++
		i, id := c.turn%len(c.agents), uuid.New()
		state := v1.TaskState_TASK_RUNNING
		if (c.turn/len(c.agents))%2 == 0 {
			state = v1.TaskState_TASK_KILLING
		}
		task := taskID(i, c.turn/len(c.agents)/2%tasksEach)
		c.agents[i].Send(c.master.Self(), &internalpb.StatusUpdateMessage{Update: &internalpb.StatusUpdate{
			FrameworkId: ids.Framework(frameworkID(i)), SlaveId: ids.Agent(agentID(i)), ExecutorId: ids.Executor(task), Timestamp: proto.Float64(seconds(time.Now())), Uuid: id[:],
			Status: &v1.TaskStatus{TaskId: ids.Task(task), State: state.Enum(), Timestamp: proto.Float64(seconds(time.Now())), Uuid: id[:]},
		}})
	}
}

// TestCrowd opens the pages of a large cluster and measures them: CROWD_AGENTS=1000 makes it 20,000 tasks, CROWD_FOR=10m
// watches the browser's memory for so long while 200 tasks change in a second.
func TestCrowd(t *testing.T) {
	program(t)
	agents := 60
	if n, err := strconv.Atoi(os.Getenv("CROWD_AGENTS")); err == nil {
		agents = n
	}
	c := startCrowd(t, agents)
	b := Open(t)
	counts := fmt.Sprintf(`document.querySelector(".page-sub")?.innerText.replaceAll(",", "").startsWith("%d agents as one computer %d live tasks")`, agents, agents*tasksEach)
	first := b.Visit(c.url+"/", 1440, 900)
	first.Wait("all agents and tasks", counts)
	first.Wait("their rows", `performance.getEntriesByName("whole").length > 0`)
	var ready float64
	for range 3 {
		p := b.Visit("about:blank", 1440, 900)
		p.must(p.call("Performance.enable", map[string]any{"timeDomain": "threadTicks"}, nil))
		stop := func() *trace { return &trace{} }
		if os.Getenv("CROWD_AGENTS") != "" { // it slows the browser down, which only who measures wants
			stop = p.Trace()
		}
		p.Go(c.url + "/")
		p.Wait("the overview", counts)
		p.Wait("the rows", `performance.getEntriesByName("whole").length > 0`)
		var at float64
		p.must(p.Eval(`Math.max(...performance.getEntriesByName("shown").map((e) => e.startTime))`, &at))
		t.Logf("overview shown after %.0f ms: %s", at, p.phases())
		tr := stop()
		for _, mark := range []string{"shown", "whole"} {
			sum, longest := tr.worked(mark)
			if sum == 0 {
				continue
			}
			t.Logf("until the mark %q the main thread was %.0f ms on a processor, %.0f ms at a time at most", mark, sum, longest)
		}
		var asked int
		p.must(p.Eval(`performance.getEntriesByName(location.origin + "/live/state").length`, &asked))
		if asked != 1 {
			t.Errorf("the picture of the cluster: got %d requests, want the one that the page begins with", asked)
		}
		ready = max(ready, at)
		clean(t, p)
		p.must(p.call("Page.close", nil, nil))
	}
	t.Logf("%d agents, %d tasks: overview shown after %.0f ms at most", agents, agents*tasksEach, ready)
	first.Screenshot("crowd-overview")
	first.Hash("#/tasks?state=TASK_KILLING")
	first.WaitWhile("what changes", `document.querySelectorAll(".rows .row").length > 20`, func() {
		c.turn = 0 // the same again: on a busy machine a session may have ended, and these agents repeat nothing
		c.change(200)
	})
	var rows int
	first.must(first.Eval(`document.querySelectorAll(".rows .row").length`, &rows))
	if rows > 150 {
		t.Errorf("the table of tasks: got %d rows in the document, want those in sight", rows)
	}
	first.Hash("#/tasks")
	first.Wait("the first rows", `document.querySelectorAll(".rows .row").length > 20`)
	first.must(first.Eval(`window.scrollTo(0, document.body.scrollHeight)`, nil))
	first.Wait("the last row", fmt.Sprintf(`document.querySelector('.rows .row[aria-rowindex="%d"]')`, agents*tasksEach+1))
	first.Screenshot("crowd-tasks")
	first.Hash("#/agents")
	first.Wait("the map", fmt.Sprintf(`document.querySelectorAll(".heat-cells a").length === %d`, agents))
	first.Screenshot("crowd-agents")
	clean(t, first)
	if d, err := time.ParseDuration(os.Getenv("CROWD_FOR")); err == nil {
		c.watch(t, first, d)
	}
}

// phases tells what a page waited for, in ms since it was asked for, and how long its main thread worked.
func (p *Page) phases() string {
	var at string
	p.must(p.Eval(`(async () => {
		const ms = (n) => Math.round(n ?? 0), r = performance.getEntriesByName(location.origin + "/live/state")[0], m = (n) => performance.getEntriesByName(n).at(-1)?.startTime;
		const long = await new Promise((tell) => {
			const seen = [], o = new PerformanceObserver((l) => seen.push(...l.getEntries()));
			o.observe({ type: "longtask", buffered: true });
			setTimeout(() => tell(seen.map((e) => ms(e.duration) + " ms at " + ms(e.startTime))), 200);
		});
		return "picture asked for at " + ms(r?.startTime) + ", begins " + ms(r?.responseStart) + ", is there " + ms(r?.responseEnd) + " (" + r?.transferSize + " bytes), its first line read " + ms(m("summed")) + ", shown " + ms(m("shown")) + ", all rows " + ms(m("whole")) + "; long tasks: " + (long.join(", ") || "none");
	})()`, &at))
	var m struct {
		Metrics []struct {
			Name  string
			Value float64
		}
	}
	p.must(p.call("Performance.getMetrics", nil, &m))
	for _, x := range m.Metrics {
		if x.Name == "TaskDuration" {
			at += fmt.Sprintf("; the main thread worked %.0f ms", x.Value*1e3)
		}
	}
	return at
}

// watch tells how much memory the page holds while the cluster changes, and wants it to stay as it is.
func (c *crowd) watch(t *testing.T, p *Page, d time.Duration) {
	var heap []float64
	p.Hash("#/")
	p.must(p.call("HeapProfiler.enable", nil, nil))
	for start, next := time.Now(), time.Now(); time.Since(start) < d; time.Sleep(250 * time.Millisecond) {
		c.change(50)
		if time.Now().Before(next) {
			continue
		}
		next = next.Add(max(d/20, 10*time.Second))
		p.Wait("the page to follow", `document.querySelector(".link.live") && document.querySelector(".state-list").innerText.includes("killing")`)
		p.must(p.call("HeapProfiler.collectGarbage", nil, nil))
		var used struct{ UsedSize float64 }
		p.must(p.call("Runtime.getHeapUsage", nil, &used))
		var nodes struct{ Nodes int }
		p.must(p.call("Memory.getDOMCounters", nil, &nodes))
		t.Logf("%4.0f s: heap %.1f MB, %d nodes", time.Since(start).Seconds(), used.UsedSize/1e6, nodes.Nodes)
		heap = append(heap, used.UsedSize)
	}
	// Some of the first growth is code that gets compiled; what leaks goes on.
	if n := len(heap); n >= 9 {
		if early, late := slices.Max(heap[n/3:n*2/3]), slices.Max(heap[n*2/3:]); late > 1.1*early+2e6 {
			t.Errorf("the page's memory grows: got up to %.1f MB in the last third, %.1f MB in the second", late/1e6, early/1e6)
		}
	}
}
