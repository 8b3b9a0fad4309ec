package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/tests/cluster"
)

// oldDriver is what libmesos is on the wire: a server that takes messages, and posts of its own.
type oldDriver struct {
	pid    string
	server *http.Server
	got    chan received
}

type received struct {
	name, from string
	body       []byte
}

func startOldDriver(t *testing.T) *oldDriver {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &oldDriver{pid: "scheduler-1@" + l.Addr().String(), got: make(chan received, 1000)}
	d.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		name, ok := strings.CutPrefix(r.URL.Path, "/scheduler-1/")
		if err != nil || !ok {
			t.Errorf("the driver got a request for %s, error %v", r.URL.Path, err)
		}
		d.got <- received{name, r.Header.Get("Libprocess-From"), body}
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = d.server.Close()
		<-done
	})
	return d
}

// post sends a message and returns the code of the answer. Without a sender it is no message.
func (d *oldDriver) post(t *testing.T, url, from string, body []byte) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if from != "" {
		r.Header.Set("Libprocess-From", from)
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	return a.StatusCode
}

// until takes messages until one of that name, and reads it into m.
func (d *oldDriver) until(t *testing.T, name string, m proto.Message) (from string) {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case r := <-d.got:
			if r.name != "mesos.internal."+name {
				continue
			}
			if err := proto.Unmarshal(r.body, m); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return r.from
		case <-limit:
			t.Fatalf("no %s came", name)
		}
	}
}

// A driver says what libmesos says: unversioned calls by libprocess messages, one of them by plain HTTP as mesos-go's
// driver does, and a connection that ends with its program.
func TestLibprocessDriver(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true})
	d := startOldDriver(t)
	info, err := proto.Marshal(&v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("old"), FailoverTimeout: proto.Float64(600), Roles: []string{"a", "b"},
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	// The unversioned SUBSCRIBE has force at 2, suppressed roles at 3 and offer constraints at 4.
	var sub []byte
	sub = protowire.AppendBytes(protowire.AppendTag(sub, 1, protowire.BytesType), info)
	sub = protowire.AppendString(protowire.AppendTag(sub, 3, protowire.BytesType), "b")
	sub = protowire.AppendBytes(protowire.AppendTag(sub, 4, protowire.BytesType), nil)
	call := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), uint64(schedulerv1.Call_SUBSCRIBE))
	call = protowire.AppendBytes(protowire.AppendTag(call, 3, protowire.BytesType), sub)
	if code := d.post(t, c.URL("/master/mesos.scheduler.Call"), d.pid, call); code != http.StatusAccepted {
		t.Fatalf("SUBSCRIBE: got code %d, want 202", code)
	}
	registered, offers := &internalpb.FrameworkRegisteredMessage{}, &internalpb.ResourceOffersMessage{}
	master := "master@" + c.Addr()
	if from := d.until(t, "FrameworkRegisteredMessage", registered); from != master || registered.GetMasterInfo().GetPid() != master {
		t.Errorf("registered by %s with master %s, want both to be %s", from, registered.GetMasterInfo().GetPid(), master)
	}
	d.until(t, "ResourceOffersMessage", offers)
	if got, want := offers.GetPids(), "slave(1)@"+c.AgentAddr(0); len(got) != 1 || got[0] != want {
		t.Errorf("pids of the offers: got %q, want %q", got, want)
	}
	if got := offers.GetOffers()[0].GetAllocationInfo().GetRole(); got != "a" {
		t.Errorf("got an offer for role %q, want a: b is suppressed", got)
	}
	decline, err := proto.Marshal(&schedulerv1.Call{
		Type: schedulerv1.Call_DECLINE.Enum(), FrameworkId: registered.GetFrameworkId(),
		Decline: &schedulerv1.Call_Decline{OfferIds: []*v1.OfferID{offers.GetOffers()[0].GetId()}, Filters: &v1.Filters{RefuseSeconds: proto.Float64(0)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if code := d.post(t, c.URL("/api/v1/scheduler"), "", decline); code != http.StatusAccepted {
		t.Errorf("DECLINE by HTTP: got code %d, want 202", code)
	}
	d.until(t, "ResourceOffersMessage", offers) // what was declined
	if state := oldFramework(t, c); !state.Active || state.Pid != d.pid {
		t.Errorf("/state: got %+v, want it active at %s", state, d.pid)
	}
	_ = d.server.Close()
	for start := time.Now(); oldFramework(t, c).Active; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatal("the end of the driver was not noticed")
		}
	}
}

type frameworkState struct {
	Active bool
	Pid    string
}

func oldFramework(t *testing.T, c *cluster.Cluster) frameworkState {
	t.Helper()
	r, err := http.Get(c.URL("/state"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var state struct{ Frameworks []frameworkState }
	if err := json.NewDecoder(r.Body).Decode(&state); err != nil || len(state.Frameworks) != 1 {
		t.Fatalf("/state: got %+v, %v, want one framework", state, err)
	}
	return state.Frameworks[0]
}
