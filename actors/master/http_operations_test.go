package master

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/actors/httpapi"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/resources"
)

const (
	plainDisk = `[{"name":"disk","type":"SCALAR","scalar":{"value":%d}}]`
	reserved  = `[{"name":"disk","type":"SCALAR","scalar":{"value":%d},"reservations":[{"type":"DYNAMIC","role":"a"}]}]`
	volume    = `[{"name":"disk","type":"SCALAR","scalar":{"value":%d},"reservations":[{"type":"DYNAMIC","role":"a"}],
		"disk":{"persistence":{"id":"v"},"volume":{"mode":"RW","container_path":"data"}}}]`
)

func listOf(t testing.TB, format string, mb int) []*v1.Resource {
	t.Helper()
	list, err := resourceList(fmt.Sprintf(format, mb))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// able makes one agent register that can do all that agents can.
func (s *standing) able(t testing.TB, res string) (id string) {
	t.Helper()
	s.do(t, func() {
		s.registerAgent(agentUPID(1), &internalpb.RegisterSlaveMessage{
			Version: proto.String("1.11.0"), ResourceVersionUuid: &v1.UUID{Value: []byte("version-1")},
			Slave: &v1.AgentInfo{Hostname: proto.String("agent.test"), Port: proto.Int32(5051), Resources: resources.MustParse(res).Proto()},
			AgentCapabilities: []*v1.AgentInfo_Capability{
				{Type: v1.AgentInfo_Capability_RESIZE_VOLUME.Enum()}, {Type: v1.AgentInfo_Capability_AGENT_OPERATION_FEEDBACK.Enum()},
			},
		})
	})
	s.settled(t)
	s.do(t, func() { id = s.agentAt[agentUPID(1)].id })
	return id
}

// total is what the master and the allocator believe that the agent has.
func (s *standing) total(t testing.TB, id string) resources.Resources {
	t.Helper()
	var total resources.Resources
	s.do(t, func() { total = s.agents[id].total })
	checked := make(chan error, 1)
	s.alloc.(*allocator.Actor).Check(func(err error) { checked <- err })
	if err := <-checked; err != nil {
		t.Fatal(err)
	}
	return total
}

func TestOperatorsOperations(t *testing.T) {
	for _, in := range []httpapi.Type{httpapi.JSON, httpapi.Protobuf} {
		s := stand(t, Config{})
		agent := s.able(t, "cpus:4;mem:1024;disk:100")
		address := serve(t, s)
		id := &v1.AgentID{Value: &agent}
		one := func(format string, mb int) *v1.Resource { return listOf(t, format, mb)[0] }
		for i, c := range []struct {
			call  *masterv1.Call
			code  int
			words string
			disk  string // in the end, of role a
		}{
			{reserveCall("nope", listOf(t, reserved, 10)), 400, "nope", "0"},
			{reserveCall(agent, listOf(t, plainDisk, 10)), 400, "has no reservation", "0"},
			{reserveCall(agent, listOf(t, reserved, 101)), 409, "not available", "0"},
			{reserveCall(agent, listOf(t, reserved, 60)), 202, "", "60"},
			{&masterv1.Call{Type: masterv1.Call_UNRESERVE_RESOURCES.Enum(), UnreserveResources: &masterv1.Call_UnreserveResources{AgentId: id, Resources: listOf(t, reserved, 10)}}, 202, "", "50"},
			{&masterv1.Call{Type: masterv1.Call_CREATE_VOLUMES.Enum(), CreateVolumes: &masterv1.Call_CreateVolumes{AgentId: id, Volumes: listOf(t, volume, 20)}}, 202, "", "50"},
			{&masterv1.Call{Type: masterv1.Call_CREATE_VOLUMES.Enum(), CreateVolumes: &masterv1.Call_CreateVolumes{AgentId: id, Volumes: listOf(t, volume, 10)}}, 400, "choose another", "50"},
			{&masterv1.Call{Type: masterv1.Call_GROW_VOLUME.Enum(), GrowVolume: &masterv1.Call_GrowVolume{AgentId: id, Volume: one(volume, 20), Addition: one(reserved, 10)}}, 202, "", "50"},
			{&masterv1.Call{Type: masterv1.Call_GROW_VOLUME.Enum(), GrowVolume: &masterv1.Call_GrowVolume{AgentId: id, Volume: one(volume, 30), Addition: one(reserved, 21)}}, 409, "not available", "50"},
			{&masterv1.Call{Type: masterv1.Call_SHRINK_VOLUME.Enum(), ShrinkVolume: &masterv1.Call_ShrinkVolume{AgentId: id, Volume: one(volume, 30), Subtract: &v1.Value_Scalar{Value: proto.Float64(5)}}}, 202, "", "50"},
			{&masterv1.Call{Type: masterv1.Call_SHRINK_VOLUME.Enum(), ShrinkVolume: &masterv1.Call_ShrinkVolume{AgentId: id, Volume: one(volume, 25), Subtract: &v1.Value_Scalar{Value: proto.Float64(25)}}}, 400, "less than", "50"},
			{&masterv1.Call{Type: masterv1.Call_DESTROY_VOLUMES.Enum(), DestroyVolumes: &masterv1.Call_DestroyVolumes{AgentId: id, Volumes: listOf(t, volume, 20)}}, 409, "not available", "50"},
			{&masterv1.Call{Type: masterv1.Call_DESTROY_VOLUMES.Enum(), DestroyVolumes: &masterv1.Call_DestroyVolumes{AgentId: id, Volumes: listOf(t, volume, 25)}}, 202, "", "50"},
		} {
			body, err := httpapi.Marshal(in, c.call)
			if err != nil {
				t.Fatal(err)
			}
			code, _, text := post(t, address+"/api/v1", in.String(), in.String(), body)
			if code != c.code || !strings.Contains(string(text), c.words) || code == 202 && len(text) > 0 {
				t.Errorf("step %d, %s: got %d %q, want %d and %q", i, c.call.GetType(), code, text, c.code, c.words)
			}
			if got := s.total(t, agent).ReservedTo("a").Disk(); got.String() != c.disk {
				t.Errorf("step %d, %s: %v MB are reserved, want %s", i, c.call.GetType(), got, c.disk)
			}
		}
		code, _, text := post(t, address+"/api/v1", "application/json", "application/x-protobuf", []byte(`{"type":"GET_OPERATIONS"}`))
		r := &masterv1.Response{}
		if err := proto.Unmarshal(text, r); err != nil || code != 200 || len(r.GetGetOperations().GetOperations()) != 6 {
			t.Errorf("GET_OPERATIONS: %d, %v, %v, want the six that were sent", code, err, r)
		}
	}
}

func reserveCall(agent string, list []*v1.Resource) *masterv1.Call {
	return &masterv1.Call{Type: masterv1.Call_RESERVE_RESOURCES.Enum(), ReserveResources: &masterv1.Call_ReserveResources{AgentId: &v1.AgentID{Value: &agent}, Resources: list}}
}

func TestFormsOfOperations(t *testing.T) {
	s := stand(t, Config{})
	agent := s.able(t, "cpus:4;mem:1024;disk:100")
	address := serve(t, s)
	re := func(format string, mb int) string { return fmt.Sprintf(format, mb) }
	for i, c := range []struct {
		path  string
		form  url.Values
		code  int
		words string
	}{
		{"/reserve", url.Values{"resources": {"[]"}}, 400, "slaveId"},
		{"/reserve", url.Values{"slaveId": {"nope"}, "resources": {"[]"}}, 400, "nope"},
		{"/reserve", url.Values{"slaveId": {agent}}, 400, "resources"},
		{"/reserve", url.Values{"slaveId": {agent}, "resources": {"[{"}}, 400, "JSON array"},
		{"/reserve", url.Values{"slaveId": {agent}, "resources": {re(reserved, 1000)}}, 409, "not available"},
		{"/reserve", url.Values{"slaveId": {agent}, "resources": {re(reserved, 50)}}, 202, ""},
		{"/master/reserve", url.Values{"slaveId": {agent}, "source": {re(reserved, 10)}, "resources": {strings.Replace(re(reserved, 10), `"a"`, `"b"`, 1)}}, 202, ""},
		{"/create-volumes", url.Values{"slaveId": {agent}, "volumes": {re(volume, 20)}}, 202, ""},
		{"/unreserve", url.Values{"slaveId": {agent}, "resources": {re(reserved, 30)}}, 409, "not available"},
		{"/unreserve", url.Values{"slaveId": {agent}, "resources": {re(reserved, 20)}}, 202, ""},
		{"/destroy-volumes", url.Values{"slaveId": {agent}, "volumes": {re(volume, 20)}}, 202, ""},
		{"/destroy-volumes", url.Values{"slaveId": {agent}}, 400, "volumes"},
	} {
		code, _, text := post(t, address+c.path, "application/x-www-form-urlencoded", "", []byte(c.form.Encode()))
		if code != c.code || !strings.Contains(string(text), c.words) {
			t.Errorf("step %d, %s: got %d %q, want %d and %q", i, c.path, code, text, c.code, c.words)
		}
	}
	if got, want := s.total(t, agent).ReservedTo("b").Disk().String(), "10"; got != want {
		t.Errorf("%s MB are reserved to role b, want %s", got, want)
	}
	r, err := http.Get(address + "/reserve")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET /reserve: got %d, want 405", r.StatusCode)
	}
}
