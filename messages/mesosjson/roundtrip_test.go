package mesosjson_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"mesos/messages/mesosjson"
)

// TestEveryType writes and reads random messages of every type: the text is what
// the oracle says, and what is read back is what was written, defaults added.
func TestEveryType(t *testing.T) {
	types := messageTypes()
	if len(types) < 300 {
		t.Fatalf("got %d message types, want all of them linked in", len(types))
	}
	const rounds = 8
	for i, mt := range types {
		for round := range rounds {
			r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
			m := randomMessage(r, mt, 0)
			checkRoundTrip(t, m)
			if t.Failed() {
				t.Fatalf("%s, type %d, round %d", mt.Descriptor().FullName(), i, round)
			}
		}
	}
}

func checkRoundTrip(t *testing.T, m proto.Message) {
	t.Helper()
	text, err := mesosjson.Marshal(m)
	if err != nil {
		t.Errorf("Marshal: %v\n%s", err, prototext.Format(m))
		return
	}
	if want := oracle(m.ProtoReflect()); string(text) != want {
		t.Errorf("Marshal:\n got %s\nwant %s", text, want)
	}
	back := m.ProtoReflect().New().Interface()
	if err := mesosjson.Unmarshal(text, back); err != nil {
		t.Errorf("Unmarshal: %v\n%s", err, text)
		return
	}
	want := proto.Clone(m)
	withDefaults(want.ProtoReflect())
	if !proto.Equal(back, want) {
		t.Errorf("Unmarshal of %s:\n got %s\nwant %s", text, prototext.Format(back), prototext.Format(want))
	}
}

// TestEmptyOfEveryType: a type without required fields may be empty; one with
// them is refused both ways, by name.
func TestEmptyOfEveryType(t *testing.T) {
	for _, mt := range messageTypes() {
		m := mt.New().Interface()
		missing := ""
		for i := range mt.Descriptor().Fields().Len() {
			fd := mt.Descriptor().Fields().Get(i)
			if missing == "" && mt.Descriptor().RequiredNumbers().Has(fd.Number()) {
				missing = string(fd.Name())
			}
		}
		_, marshalErr := mesosjson.Marshal(m)
		unmarshalErr := mesosjson.Unmarshal([]byte("{}"), m)
		for _, err := range []error{marshalErr, unmarshalErr} {
			if (err != nil) != (missing != "") || err != nil && !strings.HasPrefix(err.Error(), missing+" is required") {
				t.Errorf("%s: got %v, want an error about %q", mt.Descriptor().FullName(), err, missing)
			}
		}
	}
}
