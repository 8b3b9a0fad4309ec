package mesosjson_test

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"mesos/messages/mesosjson"

	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	masterv1 "mesos/messages/mesos/v1/master"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

func TestMarshal(t *testing.T) {
	tests := []struct {
		name string
		m    proto.Message
		want string
	}{
		{"defaults of unset optionals, deprecated ones excepted",
			&v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("x")},
			`{"user":"root","name":"x","failover_timeout":0.0,"checkpoint":false}`},
		{"a deprecated field that is set",
			&v1.FrameworkInfo{User: proto.String(""), Name: proto.String(""), Role: proto.String("*"), FailoverTimeout: proto.Float64(60), Checkpoint: proto.Bool(true)},
			`{"user":"","name":"","failover_timeout":60.0,"checkpoint":true,"role":"*"}`},
		{"string and bool defaults", &v1.CommandInfo{}, `{"shell":true}`},
		{"enum and number defaults", &v1.HealthCheck{Tcp: &v1.HealthCheck_TCPCheckInfo{Port: proto.Uint32(1)}},
			`{"delay_seconds":15.0,"interval_seconds":10.0,"timeout_seconds":20.0,"consecutive_failures":3,"grace_period_seconds":10.0,"tcp":{"protocol":"IPv4","port":1}}`},
		{"default inside of a present message only",
			&schedulerv1.Call_Decline{Filters: &v1.Filters{}}, `{"filters":{"refuse_seconds":5.0}}`},
		{"nothing set", &schedulerv1.Call_Decline{}, `{}`},
		{"nil message", (*schedulerv1.Call_Decline)(nil), `{}`},
		{"empty list and map", &v1.Task{Name: proto.String("t"), TaskId: &v1.TaskID{Value: proto.String("1")},
			FrameworkId: &v1.FrameworkID{Value: proto.String("f")}, AgentId: &v1.AgentID{Value: proto.String("a")},
			State: v1.TaskState_TASK_RUNNING.Enum(), Resources: []*v1.Resource{}, Limits: map[string]*v1.Value_Scalar{}},
			`{"name":"t","task_id":{"value":"1"},"framework_id":{"value":"f"},"agent_id":{"value":"a"},"state":"TASK_RUNNING"}`},
		{"declaration order, not number order",
			&v1.Resource{Name: proto.String("cpus"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(0.1)},
				ProviderId: &v1.ResourceProviderID{Value: proto.String("p")}, Revocable: &v1.Resource_RevocableInfo{}},
			`{"provider_id":{"value":"p"},"name":"cpus","type":"SCALAR","scalar":{"value":0.1},"revocable":{}}`},
		{"64 bits as numbers", &v1.Value_Range{Begin: proto.Uint64(0), End: proto.Uint64(math.MaxUint64)}, `{"begin":0,"end":18446744073709551615}`},
		{"negative 64 bits", &v1.DurationInfo{Nanoseconds: proto.Int64(math.MinInt64)}, `{"nanoseconds":-9223372036854775808}`},
		{"bytes as padded base64", &v1.TaskStatus{TaskId: &v1.TaskID{Value: proto.String("1")}, State: v1.TaskState_TASK_LOST.Enum(), Data: []byte{0xfb, 0xff}, Uuid: []byte{}},
			`{"task_id":{"value":"1"},"state":"TASK_LOST","data":"+/8=","uuid":""}`},
		{"google.protobuf.Duration", &masterv1.Call_DrainAgent{AgentId: &v1.AgentID{Value: proto.String("a")}, MaxGracePeriod: &durationpb.Duration{Seconds: 10, Nanos: 5}},
			`{"agent_id":{"value":"a"},"max_grace_period":{"seconds":10,"nanos":5},"mark_gone":false}`},
		{"proto3 zeros are unset", &durationpb.Duration{}, `{}`},
		{"oneof", &schedulerv1.AttributeConstraint_Predicate{Predicate: &schedulerv1.AttributeConstraint_Predicate_NotExists_{}}, `{"not_exists":{}}`},
		{"oneof of scalars", &schedulerv1.AttributeConstraint_Selector{Selector: &schedulerv1.AttributeConstraint_Selector_AttributeName{AttributeName: "rack"}},
			`{"attribute_name":"rack"}`},
		{"oneof with a typed nil", &schedulerv1.AttributeConstraint_Selector{Selector: (*schedulerv1.AttributeConstraint_Selector_AttributeName)(nil)}, `{}`},
		{"map with sorted keys", &agentv1.Call_LaunchContainer{ContainerId: &v1.ContainerID{Value: proto.String("c")},
			Limits: map[string]*v1.Value_Scalar{"mem": {Value: proto.Float64(32)}, "cpus": {Value: proto.Float64(math.Inf(1))}, `"`: {Value: proto.Float64(1)}}},
			`{"container_id":{"value":"c"},"limits":{"\"":{"value":1.0},"cpus":{"value":Infinity},"mem":{"value":32.0}}}`},
		{"list of messages", &v1.Value_Ranges{Range: []*v1.Value_Range{{Begin: proto.Uint64(1), End: proto.Uint64(2)}}}, `{"range":[{"begin":1,"end":2}]}`},
		{"enum numbers without a name in a list", &v1.CapabilityInfo{Capabilities: []v1.CapabilityInfo_Capability{9999, v1.CapabilityInfo_CHOWN, -1}}, `{"capabilities":["CHOWN"]}`},
		{"a list of nothing else", &v1.CapabilityInfo{Capabilities: []v1.CapabilityInfo_Capability{9999}}, `{}`},
		{"enum number without a name", &schedulerv1.Event{Type: schedulerv1.Event_Type(99).Enum()}, `{}`},
		{"such a number where a default is", &v1.ContainerInfo_DockerInfo{Image: proto.String("i"), Network: v1.ContainerInfo_DockerInfo_Network(99).Enum()},
			`{"image":"i","network":"HOST","privileged":false}`},
		{"text", &v1.TaskID{Value: proto.String("\"\\/\b\f\n\r\t\x00\x1fé☃🙂<&>\u2028\x7f")}, `{"value":"\"\\/\b\f\n\r\t\u0000\u001fé☃🙂<&>` + "\u2028\x7f" + `"}`},
		{"text that is not UTF-8", &v1.TaskID{Value: proto.String("a\xffb\xc3")}, `{"value":"a` + "\uFFFD" + `b` + "\uFFFD" + `"}`},
		{"recursive type", &v1.ContainerID{Value: proto.String("b"), Parent: &v1.ContainerID{Value: proto.String("a")}}, `{"value":"b","parent":{"value":"a"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := mesosjson.Marshal(tt.m)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

// TestMarshalFloats: the shortest text that reads back equal, never an integer.
func TestMarshalFloats(t *testing.T) {
	for _, tt := range []struct {
		value float64
		want  string
	}{
		{0, "0.0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1.0"}, {-15, "-15.0"}, {0.1, "0.1"}, {3.9, "3.9"},
		{0.30000000000000004, "0.30000000000000004"}, {4064, "4064.0"}, {1795298045.0111418, "1795298045.0111418"},
		{1e14, "100000000000000.0"}, {1e15, "1000000000000000.0"}, {123456789012345680, "123456789012345680.0"},
		{1e20, "100000000000000000000.0"}, {1e21, "1e+21"}, {1.5e300, "1.5e+300"}, {0.000001, "0.000001"}, {1e-7, "1e-07"},
		{5e-324, "5e-324"}, {1.0 / 3, "0.3333333333333333"},
		{math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"}, {math.NaN(), "NaN"},
	} {
		got, err := mesosjson.Marshal(&v1.Value_Scalar{Value: proto.Float64(tt.value)})
		if want := `{"value":` + tt.want + `}`; err != nil || string(got) != want {
			t.Errorf("%v: got %s, %v, want %s", tt.value, got, err, want)
		}
	}
	for thousandths := range 100_000 {
		f := float64(thousandths) / 1000
		got, err := mesosjson.Marshal(&v1.Value_Scalar{Value: proto.Float64(f)})
		if err != nil {
			t.Fatal(err)
		}
		var back struct{ Value json.Number }
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatal(err)
		}
		digits := strconv.FormatFloat(f, 'f', -1, 64)
		if back.Value.String() != digits && back.Value.String() != digits+".0" {
			t.Fatalf("%d thousandths: got %s, want %s", thousandths, got, digits)
		}
	}
}

func TestAppend(t *testing.T) {
	b := []byte("before ")
	b, err := mesosjson.Append(b, &v1.TaskID{Value: proto.String("t")})
	if want := `before {"value":"t"}`; err != nil || string(b) != want {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
	b, err = mesosjson.Append(b, &v1.TaskID{})
	if want := `before {"value":"t"}`; err == nil || string(b) != want {
		t.Errorf("after an error: got %s, %v, want %s and an error", b, err, want)
	}
}

// TestAppendGarbage: encoding into a kept buffer allocates nothing.
func TestAppendGarbage(t *testing.T) {
	m := offersEvent()
	buf, err := mesosjson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(100, func() {
		if buf, err = mesosjson.Append(buf[:0], m); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("got %v allocations, want 0", allocs)
	}
}
