package mesosjson_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"mesos/messages/mesosjson"

	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// TestUnmarshalErrors: the whole sentence that the user reads.
func TestUnmarshalErrors(t *testing.T) {
	call, container, launch := &schedulerv1.Call{}, &v1.ContainerID{}, &agentv1.Call_LaunchContainer{}
	deep := func(n int) string { return strings.Repeat(`{"parent":`, n-1) + `{}` + strings.Repeat("}", n-1) }
	tests := []struct {
		text string
		m    proto.Message
		want string
	}{
		{`{"accept":{"offer_ids":[{"value":"o"},{}]}}`, call, `accept.offer_ids[1].value is required`},
		{`{"accept":{"offer_ids":[{"value":null}]}}`, call, `accept.offer_ids[0].value is required`},
		{`{"accept":{"operations":[{"type":"LAUNCH","launch":{"task_infos":[{},{}]}}]}}`, call, `accept.operations[0].launch.task_infos[0].name is required`},
		{`{"accept":{"operations":[{"type":"LAUNCH","launch":{"task_infos":[{"resources":[{"name":"cpus","type":"BIG"}]}]}}]}}`, call,
			`accept.operations[0].launch.task_infos[0].resources[0].type has no value "BIG"; use one of SCALAR, RANGES, SET, TEXT`},
		{`{"name":"cpus","type":0}`, &v1.Resource{}, `type has no value "0"; use one of SCALAR, RANGES, SET, TEXT`},
		{`{"type":{}}`, &v1.Resource{}, `type expects a name, not an object; use one of SCALAR, RANGES, SET, TEXT`},
		{`{"accept":{"filters":{"refuse_seconds":"abc"}}}`, call, `accept.filters.refuse_seconds expects a number, not "abc"`},
		{`{"refuse_seconds":""}`, &v1.Filters{}, `refuse_seconds expects a number, not ""`},
		{`{"refuse_seconds":"0x10"}`, &v1.Filters{}, `refuse_seconds expects a number, not "0x10"`},
		{`{"refuse_seconds":1e999}`, &v1.Filters{}, `refuse_seconds expects a number that a double can hold, not "1e999"`},
		{`{"refuse_seconds":true}`, &v1.Filters{}, `refuse_seconds expects a number, not a boolean`},
		{`{"begin":1.5,"end":2}`, &v1.Value_Range{}, `begin expects a whole number from 0 to 18446744073709551615, not "1.5"`},
		{`{"begin":-1,"end":2}`, &v1.Value_Range{}, `begin expects a whole number from 0 to 18446744073709551615, not "-1"`},
		{`{"begin":1,"end":18446744073709551616}`, &v1.Value_Range{}, `end expects a whole number from 0 to 18446744073709551615, not "18446744073709551616"`},
		{`{"begin":1,"end":Infinity}`, &v1.Value_Range{}, `end expects a whole number from 0 to 18446744073709551615, not "Infinity"`},
		{`{"nanoseconds":9223372036854775808}`, &v1.DurationInfo{}, `nanoseconds expects a whole number from -9223372036854775808 to 9223372036854775807, not "9223372036854775808"`},
		{`{"hostname":"h","port":4294967296}`, &v1.AgentInfo{}, `port expects a whole number from -2147483648 to 2147483647, not "4294967296"`},
		{`{"hostname":"h","port":-3e9}`, &v1.AgentInfo{}, `port expects a whole number from -2147483648 to 2147483647, not "-3e9"`},
		{`{"port":4294967296}`, &v1.HealthCheck_TCPCheckInfo{}, `port expects a whole number from 0 to 4294967295, not "4294967296"`},
		{`{"begin":[1],"end":2}`, &v1.Value_Range{}, `begin expects a whole number, not a list`},
		{`{"shell":"yes"}`, &v1.CommandInfo{}, `shell expects true or false, not "yes"`},
		{`{"shell":1}`, &v1.CommandInfo{}, `shell expects true or false, not a number`},
		{`{"value":5}`, container, `value expects a string, not a number`},
		{`{"value":["a"]}`, container, `value expects a string, not a list`},
		{`{"value":"a","parent":[]}`, container, `parent expects an object, not a list`},
		{`{"value":"a","parent":"b"}`, container, `parent expects an object, not a string`},
		{`{"data":"*"}`, &v1.Secret_Value{}, `data expects base64, not "*"`},
		{`{"data":7}`, &v1.Secret_Value{}, `data expects a string in base64, not a number`},
		{`{"item":["a",["b"]]}`, &v1.Value_Set{}, `item[1] expects a string, not a list`},
		{`{"limits":[],"container_id":{"value":"c"}}`, launch, `limits expects an object, not a list`},
		{`{"limits":{"cpus":2},"container_id":{"value":"c"}}`, launch, `limits["cpus"] expects an object, not a number`},
		{`{"limits":{"cpus":{}},"container_id":{"value":"c"}}`, launch, `limits["cpus"].value is required`},
		{`[]`, container, `the message expects an object, not a list`},
		{`null`, container, `the message expects an object, not null`},

		{``, container, `the message is not complete JSON: it ends after 0 bytes where a value should be`},
		{`{`, container, `the message is not complete JSON: it ends after 1 bytes where a key in quotes should be`},
		{`{"value":"a`, container, `value is not complete JSON: it ends after 11 bytes where a closing quote should be`},
		{`{"value":"a"`, container, `the message is not complete JSON: it ends after 12 bytes where a comma or } should be`},
		{`{"value":"a"}{}`, container, `the message is not valid JSON: '{' at byte 14 where the end should be`},
		{"{\"value\":\"a\"}\x00", container, `the message is not valid JSON: '\x00' at byte 14 where the end should be`},
		{`{"value":"a",}`, container, `the message is not valid JSON: '}' at byte 14 where a key in quotes should be`},
		{`{"value" "a"}`, container, `the message is not valid JSON: '"' at byte 10 where a colon should be`},
		{`{"value":a}`, container, `value is not valid JSON: 'a' at byte 10 where a value should be`},
		{`{"parent":{"value":tru}}`, container, `parent.value is not valid JSON: 't' at byte 20 where a value should be`},
		{`{"x":[1 2]}`, container, `the message is not valid JSON: '2' at byte 9 where a comma or ] should be`},
		{`{"x":01}`, container, `the message is not valid JSON: '0' at byte 6 where a value should be`},
		{`{"x":nulla}`, container, `the message is not valid JSON: 'n' at byte 6 where a value should be`},
		{"{\"value\":\"a\nb\"}", container, `value is not valid JSON: '\n' at byte 12 where a closing quote or an escape should be`},
		{`{"value":"\x"}`, container, `value is not valid JSON: 'x' at byte 12 where one of "\/bfnrtu after a backslash should be`},
		{`{"value":"\u12g4"}`, container, `value is not valid JSON: 'g' at byte 15 where four hexadecimal digits after \u should be`},
		{`{"value":"\ud800"}`, container, `value is not valid JSON: half of a surrogate pair in the \u escape that ends at byte 16`},
		{"{\"value\":\"a\xff\"}", container, `value is not valid JSON: the text "a\xff" is not UTF-8`},
		{"{\"x\":\"\xff\",\"value\":\"a\"}", container, `the message is not valid JSON: the text "\xff" is not UTF-8`},
		{"{\"value\":\"\\n\xff\"}", container, `value is not valid JSON: the text "\n\xff" is not UTF-8`},
		{deep(201), container, strings.Repeat("parent.", 199) + `parent nests deeper than 200 levels`},
		{deep(200), container, strings.Repeat("parent.", 199) + `value is required`},
		{`{"x":` + strings.Repeat("[", 100000), container, `the message nests deeper than 200 levels`},
	}
	for _, tt := range tests {
		t.Run(tt.text[:min(len(tt.text), 60)], func(t *testing.T) {
			err := mesosjson.Unmarshal([]byte(tt.text), tt.m)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestErrorParts(t *testing.T) {
	err := mesosjson.Unmarshal([]byte(`{"accept":{"offer_ids":[{}]}}`), &schedulerv1.Call{})
	var e *mesosjson.Error
	if !errors.As(err, &e) || e.Path != "accept.offer_ids[0].value" || e.Msg != "is required" {
		t.Errorf("got %#v, want path and message apart", err)
	}
}

func TestMarshalErrors(t *testing.T) {
	tests := []struct {
		m    proto.Message
		want string
	}{
		{&schedulerv1.Event{Rescind: &schedulerv1.Event_Rescind{}}, "rescind.offer_id is required but not set"},
		{&v1.Value_Ranges{Range: []*v1.Value_Range{{Begin: proto.Uint64(1), End: proto.Uint64(1)}, nil}}, "range[1].begin is required but not set"},
		{&agentv1.Call_LaunchContainer{ContainerId: &v1.ContainerID{Value: proto.String("c")}, Limits: map[string]*v1.Value_Scalar{"cpus": nil}},
			`limits["cpus"].value is required but not set`},
		{&v1.Resource{Name: proto.String("cpus"), Type: v1.Value_Type(99).Enum()}, "type is required but not set"},
		{nil, "the message is nil"},
		{dynamicpb.NewMessage((&v1.TaskID{}).ProtoReflect().Descriptor()), "the message cannot be written as JSON: mesos.v1.TaskID.value has no exported struct field"},
	}
	for _, tt := range tests {
		if _, err := mesosjson.Marshal(tt.m); err == nil || err.Error() != tt.want {
			t.Errorf("Marshal(%v):\n got %v\nwant %s", tt.m, err, tt.want)
		}
	}
	if err := mesosjson.Unmarshal([]byte("{}"), (*v1.TaskID)(nil)); err == nil {
		t.Error("Unmarshal into nil: got no error")
	}
}

// TestManyErrors: bad values may be replaced later in the object, but an object
// full of them is refused at once, so that it costs time in proportion to its
// size.
func TestManyErrors(t *testing.T) {
	for n, want := range map[int]string{32: "", 33: `limits["k0"] expects an object, not a number`} {
		bad, good := []string{}, []string{}
		for i := range n {
			bad = append(bad, fmt.Sprintf(`"k%d":%d`, i, i))
			good = append(good, fmt.Sprintf(`"k%d":{"value":%d}`, i, i))
		}
		text := `{"container_id":{"value":"c"},"limits":{` + strings.Join(append(bad, good...), ",") + `}}`
		err := mesosjson.Unmarshal([]byte(text), &agentv1.Call_LaunchContainer{})
		if got := fmt.Sprint(err); want == "" && err != nil || want != "" && got != want {
			t.Errorf("%d bad values, then good ones: got %v, want %q", n, err, want)
		}
	}
}
