package store

import (
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// Who a resource provider is, and that it is gone, outlives the agent.
func TestProviders(t *testing.T) {
	dir := t.TempDir()
	info := func(id string) *v1.ResourceProviderInfo {
		return &v1.ResourceProviderInfo{Id: &v1.ResourceProviderID{Value: &id}, Type: proto.String("org.example"), Name: proto.String("n-" + id)}
	}
	s, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	s.Commit(nil, PutProvider(Provider{Info: info("a")}), PutProvider(Provider{Info: info("b")}))
	s.Commit(nil, PutProvider(Provider{Info: info("b"), Gone: true}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, quiet); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	got := s.Load().Providers
	if len(got) != 2 || got[0].Gone || !got[1].Gone || !proto.Equal(got[0].Info, info("a")) || !proto.Equal(got[1].Info, info("b")) {
		t.Errorf("got %v, want a, and b, which is gone", got)
	}
}
