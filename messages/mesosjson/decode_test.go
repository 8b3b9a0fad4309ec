package mesosjson_test

import (
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"mesos/messages/mesosjson"

	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	masterv1 "mesos/messages/mesos/v1/master"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

func id(s string) *v1.TaskID { return &v1.TaskID{Value: proto.String(s)} }

func filters(seconds float64) *v1.Filters { return &v1.Filters{RefuseSeconds: proto.Float64(seconds)} }

func TestUnmarshal(t *testing.T) {
	container := func(limits map[string]*v1.Value_Scalar) *agentv1.Call_LaunchContainer {
		return &agentv1.Call_LaunchContainer{ContainerId: &v1.ContainerID{Value: proto.String("c")}, Limits: limits}
	}
	tests := []struct {
		name, text string
		want       proto.Message
	}{
		{"unknown keys at every level", `{"a":1,"value":"t","b":{"c":[{},[],"x",null,true,false,-1.5e3,NaN,-Infinity]},"d":"\u0041"}`, id("t")},
		{"white space", " \t\r\n{ \"value\" : \"t\" , \"x\" : [ 1 , { } ] } \n", id("t")},
		{"null is unset", `{"accept":null,"type":null,"framework_id":null}`, &schedulerv1.Call{}},
		{"null in a list", `{"item":[null,"a",null]}`, &v1.Value_Set{Item: []string{"a"}}},
		{"unknown enum name", `{"type":"BOGUS","suppress":{}}`, &schedulerv1.Call{Suppress: &schedulerv1.Call_Suppress{}}},
		{"enum number", `{"type":3}`, &schedulerv1.Call{}},
		{"enum number as text", `{"type":"3"}`, &schedulerv1.Call{}},
		{"camelCase is an unknown key", `{"refuseSeconds":3}`, &v1.Filters{}},
		{"number as text", `{"refuse_seconds":"1.5"}`, filters(1.5)},
		{"text infinity", `{"refuse_seconds":"Infinity"}`, filters(math.Inf(1))},
		{"text negative infinity", `{"refuse_seconds":"-Infinity"}`, filters(math.Inf(-1))},
		{"text NaN", `{"refuse_seconds":"NaN"}`, filters(math.NaN())},
		{"bare infinity", `{"refuse_seconds":Infinity}`, filters(math.Inf(1))},
		{"bare negative infinity", `{"refuse_seconds": -Infinity }`, filters(math.Inf(-1))},
		{"bare NaN", `{"refuse_seconds":NaN}`, filters(math.NaN())},
		{"integer for a double", `{"refuse_seconds":7}`, filters(7)},
		{"exponents", `{"refuse_seconds":-1.25E+2}`, filters(-125)},
		{"text integer", `{"begin":"31000","end":"32000"}`, &v1.Value_Range{Begin: proto.Uint64(31000), End: proto.Uint64(32000)}},
		{"integer with a fraction of zero", `{"begin":31000.0,"end":3.2e4}`, &v1.Value_Range{Begin: proto.Uint64(31000), End: proto.Uint64(32000)}},
		{"largest integers", `{"begin":9223372036854775807,"end":18446744073709551615}`, &v1.Value_Range{Begin: proto.Uint64(math.MaxInt64), End: proto.Uint64(math.MaxUint64)}},
		{"integers above int64 go through a double", `{"begin":9223372036854775809,"end":9223372036854776900}`,
			&v1.Value_Range{Begin: proto.Uint64(1 << 63), End: proto.Uint64(1<<63 + 2048)}},
		{"smallest integer", `{"nanoseconds":-9223372036854775808}`, &v1.DurationInfo{Nanoseconds: proto.Int64(math.MinInt64)}},
		{"bool as text", `{"shell":"false"}`, &v1.CommandInfo{Shell: proto.Bool(false)}},
		{"bool", `{"shell":true}`, &v1.CommandInfo{Shell: proto.Bool(true)}},
		{"one object for a list", `{"range":{"begin":1,"end":2}}`, &v1.Value_Ranges{Range: []*v1.Value_Range{{Begin: proto.Uint64(1), End: proto.Uint64(2)}}}},
		{"one string for a list", `{"item":"a"}`, &v1.Value_Set{Item: []string{"a"}}},
		{"unknown enum names in a list", `{"capabilities":["BOGUS","NET_RAW",3,null,"CHOWN"]}`,
			&v1.CapabilityInfo{Capabilities: []v1.CapabilityInfo_Capability{v1.CapabilityInfo_NET_RAW, v1.CapabilityInfo_CHOWN}}},
		{"one enum name for a list", `{"capabilities":"NET_RAW"}`, &v1.CapabilityInfo{Capabilities: []v1.CapabilityInfo_Capability{v1.CapabilityInfo_NET_RAW}}},
		{"base64", `{"data":"+/8="}`, &v1.Secret_Value{Data: []byte{0xfb, 0xff}}},
		{"base64 without padding", `{"data":"+/8"}`, &v1.Secret_Value{Data: []byte{0xfb, 0xff}}},
		{"empty bytes are set", `{"data":""}`, &v1.Secret_Value{Data: []byte{}}},
		{"Duration", `{"agent_id":{"value":"a"},"max_grace_period":{"seconds":"10","nanos":5}}`,
			&masterv1.Call_DrainAgent{AgentId: &v1.AgentID{Value: proto.String("a")}, MaxGracePeriod: &durationpb.Duration{Seconds: 10, Nanos: 5}}},
		{"oneof", `{"exists":{}}`, &schedulerv1.AttributeConstraint_Predicate{Predicate: &schedulerv1.AttributeConstraint_Predicate_Exists_{Exists: &schedulerv1.AttributeConstraint_Predicate_Exists{}}}},
		{"oneof, last member wins", `{"exists":{},"text_equals":{"value":"x"},"not_exists":null}`,
			&schedulerv1.AttributeConstraint_Predicate{Predicate: &schedulerv1.AttributeConstraint_Predicate_TextEquals_{TextEquals: &schedulerv1.AttributeConstraint_Predicate_TextEquals{Value: proto.String("x")}}}},
		{"oneof, the same member null", `{"exists":{},"exists":null}`, &schedulerv1.AttributeConstraint_Predicate{}},
		{"oneof, unknown enum", `{"pseudoattribute_type":"BOGUS"}`, &schedulerv1.AttributeConstraint_Selector{}},
		{"map", `{"container_id":{"value":"c"},"limits":{"cpus":{"value":"Infinity"},"mem":{"value":32},"disk":null}}`,
			container(map[string]*v1.Value_Scalar{"cpus": {Value: proto.Float64(math.Inf(1))}, "mem": {Value: proto.Float64(32)}})},
		{"map, repeated key", `{"container_id":{"value":"c"},"limits":{"a":{},"a":{"value":2},"b":{"value":1},"b":null}}`,
			container(map[string]*v1.Value_Scalar{"a": {Value: proto.Float64(2)}})},
		{"repeated key", `{"value":"a","value":"b"}`, id("b")},
		{"repeated key, the bad one first", `{"value":[1],"value":"b"}`, id("b")},
		{"repeated key with messages", `{"filters":{"refuse_seconds":1},"filters":{}}`, &schedulerv1.Call_Decline{Filters: &v1.Filters{}}},
		{"repeated key with lists", `{"item":["a","b"],"item":["c"]}`, &v1.Value_Set{Item: []string{"c"}}},
		{"repeated key with null last", `{"item":["a"],"item":null}`, &v1.Value_Set{}},
		{"repeated key, required missing in the first", `{"parent":{},"parent":{"value":"a"},"value":"b"}`,
			&v1.ContainerID{Value: proto.String("b"), Parent: &v1.ContainerID{Value: proto.String("a")}}},
		{"escapes", `{"value":"\"\\\/\b\f\n\r\t\u00e9\u2603\ud83d\ude42 \u0000é☃🙂"}`, id("\"\\/\b\f\n\r\té☃🙂 \x00é☃🙂")},
		{"escaped key", `{"v\u0061lue":"t"}`, id("t")},
		{"key out of order", `{"end":2,"begin":1}`, &v1.Value_Range{Begin: proto.Uint64(1), End: proto.Uint64(2)}},
		{"deep but not too deep", `{"x":` + strings.Repeat("[", 199) + strings.Repeat("]", 199) + `,"value":"t"}`, id("t")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.want.ProtoReflect().New().Interface()
			err := mesosjson.Unmarshal([]byte(tt.text), got)
			if err != nil || !proto.Equal(got, tt.want) {
				t.Errorf("got %v, %v\nwant %v", prototext.Format(got), err, prototext.Format(tt.want))
			}
		})
	}
}

// TestUnmarshalReplaces: what the message held before is gone, also after an error.
func TestUnmarshalReplaces(t *testing.T) {
	m := &v1.ContainerID{Value: proto.String("old"), Parent: &v1.ContainerID{Value: proto.String("older")}}
	if err := mesosjson.Unmarshal([]byte(`{"value":"new"}`), m); err != nil || !proto.Equal(m, &v1.ContainerID{Value: proto.String("new")}) {
		t.Errorf("got %v, %v, want the new value alone", m, err)
	}
	if err := mesosjson.Unmarshal([]byte(`{"value":"newer","parent":{}}`), m); err == nil || !proto.Equal(m, &v1.ContainerID{}) {
		t.Errorf("got %v, %v, want an empty message and an error", m, err)
	}
}

// TestUnmarshalCopies: the message does not point into the caller's buffer.
func TestUnmarshalCopies(t *testing.T) {
	data := []byte(`{"value":"text","data":"aGk="}`)
	s, b := &v1.TaskID{}, &v1.Secret_Value{}
	if err := mesosjson.Unmarshal(data, s); err != nil {
		t.Fatal(err)
	}
	if err := mesosjson.Unmarshal(data, b); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if s.GetValue() != "text" || string(b.GetData()) != "hi" {
		t.Errorf("got %q and %q after the buffer changed, want text and hi", s.GetValue(), b.GetData())
	}
}
