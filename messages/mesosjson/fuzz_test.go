package mesosjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	executorv1 "mesos/messages/mesos/v1/executor"
	masterv1 "mesos/messages/mesos/v1/master"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"

	"mesos/messages/mesosjson"
)

// fuzzTypes are the outermost messages of the HTTP APIs.
var fuzzTypes = []proto.Message{
	&schedulerv1.Call{}, &schedulerv1.Event{}, &executorv1.Call{}, &executorv1.Event{},
	&masterv1.Call{}, &masterv1.Event{}, &masterv1.Response{}, &agentv1.Call{}, &agentv1.Response{},
	&v1.ContainerID{}, &schedulerv1.OfferConstraints{},
}

// FuzzUnmarshal: no text makes it panic; an error is a sentence and leaves the
// message empty; what it accepts is written in a form that is stable.
func FuzzUnmarshal(f *testing.F) {
	for _, file := range []string{"scheduler_events.jsonl", "master_events.jsonl", "agent_responses.jsonl"} {
		for _, line := range recorded(f, file) {
			f.Add(line)
		}
	}
	for _, bm := range benchMessages {
		text, err := mesosjson.Marshal(bm.m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"value":"\ud83d\ude42","parent":{"value":"a\u0000"}}`))
	f.Add([]byte(`{"role_constraints":{"a":{"groups":{"attribute_constraints":[{"selector":{"attribute_name":"x"},"predicate":{"exists":{}}}]}}}}`))
	f.Add([]byte(`{"accept":{"filters":{"refuse_seconds":"-Infinity"},"x":[NaN,-1.5E+3]},"accept":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range fuzzTypes {
			m = m.ProtoReflect().New().Interface()
			if err := mesosjson.Unmarshal(data, m); err != nil {
				checkError(t, err, m)
				continue
			}
			checkStable(t, m)
		}
	})
}

func checkError(t *testing.T, err error, m proto.Message) {
	t.Helper()
	var e *mesosjson.Error
	if !errors.As(err, &e) || e.Msg == "" || !utf8.ValidString(e.Error()) || strings.ContainsAny(e.Error(), "\n\x00") {
		t.Errorf("got error %q, want one clean line", err)
	}
	if !proto.Equal(m, m.ProtoReflect().New().Interface()) {
		t.Errorf("after %v: got %v, want an empty message", err, m)
	}
}

func checkStable(t *testing.T, m proto.Message) {
	t.Helper()
	first, err := mesosjson.Marshal(m)
	if err != nil {
		t.Fatalf("Marshal of what was accepted: %v", err)
	}
	if want := oracle(m.ProtoReflect()); string(first) != want {
		t.Fatalf("Marshal:\n got %s\nwant %s", first, want)
	}
	back := m.ProtoReflect().New().Interface()
	if err := mesosjson.Unmarshal(first, back); err != nil {
		if strings.Contains(err.Error(), "nests deeper") {
			return // single values have become lists
		}
		t.Fatalf("Unmarshal of what was written: %v\n%s", err, first)
	}
	second, err := mesosjson.Marshal(back)
	if err != nil || !bytes.Equal(first, second) {
		t.Fatalf("second Marshal: %v\n got %s\nwant %s", err, second, first)
	}
}

// FuzzSyntax: inside a value that nobody asked for, exactly that is accepted
// which encoding/json takes for valid, where the two mean to agree.
func FuzzSyntax(f *testing.F) {
	for _, s := range []string{"1", "-0", "01", "1.", ".5", "1e5", "1e", "[1,2,]", `{"a":{}}`, `"\u00zz"`, "tru", "nul", "\"\x01\"", "[[],{},\"\\\"\"]", " null ", "1 2", "--1", "+1", "1_0"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lower := bytes.ToLower(data)
		if !utf8.Valid(data) || bytes.Contains(lower, []byte(`\ud`)) || bytes.Contains(lower, []byte("nan")) || bytes.Contains(lower, []byte("infinity")) {
			return // here they differ on purpose
		}
		text := append(append([]byte(`{"x":`), data...), '}')
		err := mesosjson.Unmarshal(text, &v1.Resource_RevocableInfo{})
		if err != nil && strings.Contains(err.Error(), "nests deeper") {
			return
		}
		if valid := json.Valid(text); valid != (err == nil) {
			t.Errorf("%q: got error %v, want valid %v", text, err, valid)
		}
	})
}

// FuzzRoundTrip: any message of any type comes back as it was.
func FuzzRoundTrip(f *testing.F) {
	types := messageTypes()
	for i := range 20 {
		f.Add(uint16(i*17), uint64(i))
	}
	f.Fuzz(func(t *testing.T, kind uint16, seed uint64) {
		mt := types[int(kind)%len(types)]
		checkRoundTrip(t, randomMessage(rand.New(rand.NewPCG(seed, 0)), mt, 0))
	})
}
