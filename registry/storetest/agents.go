package storetest

import (
	"log/slog"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry"
)

func ptr(s string) *string { return proto.String(s) }

var usual = resources.MustParse("cpus:24;mem:65536;disk:512000;ports:[31000-32000]").Proto()

// Info is an agent of usual size.
func Info(id string) *v1.AgentInfo {
	return &v1.AgentInfo{
		Id: ids.Agent(id), Hostname: ptr("agent.test"), Port: proto.Int32(5051), Resources: usual,
		Attributes: []*v1.Attribute{{Name: ptr("rack"), Type: v1.Value_TEXT.Enum(), Text: &v1.Value_Text{Value: ptr("r1")}}},
	}
}

// Start starts a registrar and waits until it has recovered.
func Start(t testing.TB, s registry.Store, o registry.Options) (*registry.Registrar, *registry.State) {
	t.Helper()
	type result struct {
		s   *registry.State
		err error
	}
	done := make(chan result, 1)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	r := registry.Start(s, o, func(s *registry.State, err error) { done <- result{s, err} })
	got := <-done
	if got.err != nil {
		r.Close()
		t.Fatal(got.err)
	}
	return r, got.s
}

// Do applies an operation and waits for the answer.
func Do(r *registry.Registrar, op registry.Operation) error {
	done := make(chan error, 1)
	r.Apply(op, func(err error) { done <- err })
	return <-done
}
