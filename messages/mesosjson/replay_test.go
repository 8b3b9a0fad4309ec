package mesosjson_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	agentv1 "mesos/messages/mesos/v1/agent"
	masterv1 "mesos/messages/mesos/v1/master"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"

	"mesos/messages/mesosjson"
)

// TestReplay decodes what a running Mesos 1.12-dev was recorded to send and
// encodes it again: every key, value and the order of keys must come back, but
// for what flatten takes out of a recording.
func TestReplay(t *testing.T) {
	for file, m := range map[string]proto.Message{
		"scheduler_events.jsonl": &schedulerv1.Event{},
		"master_events.jsonl":    &masterv1.Event{},
		"master_responses.jsonl": &masterv1.Response{},
		"agent_responses.jsonl":  &agentv1.Response{},
	} {
		t.Run(file, func(t *testing.T) {
			lines := recorded(t, file)
			if len(lines) < 5 {
				t.Fatalf("got %d recordings, want at least 5", len(lines))
			}
			for n, line := range lines {
				if err := mesosjson.Unmarshal(line, m); err != nil {
					t.Errorf("line %d: Unmarshal: %v", n+1, err)
					continue
				}
				text, err := mesosjson.Marshal(m)
				if err != nil {
					t.Errorf("line %d: Marshal: %v", n+1, err)
					continue
				}
				want, got := flatten(t, line, true), flatten(t, text, false)
				if i := firstDifference(want, got); i >= 0 {
					t.Errorf("line %d differs:\n got %v\nwant %v", n+1, from(got, i), from(want, i))
				}
			}
		})
	}
}

func recorded(t testing.TB, file string) [][]byte {
	t.Helper()
	f, err := os.Open("testdata/recorded/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines [][]byte
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// flatten lists every scalar of a JSON text in order, as path and value text, so
// that 1 and 1.0 differ. Empty objects and lists are leaves as well.
//
// Of a recording it leaves out what we write otherwise, on purpose: empty lists,
// which the recorded master writes where its code builds the answer by hand, and
// SlaveInfo.checkpoint, which v1 messages lack and strict clients would refuse.
func flatten(t *testing.T, text []byte, recording bool) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var leaves []string
	flattenValue(t, d, "", recording, &leaves)
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("after the value: got %v, want the end", err)
	}
	return leaves
}

func flattenValue(t *testing.T, d *json.Decoder, path string, recording bool, leaves *[]string) {
	token := func() json.Token {
		tok, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return tok
	}
	tok := token()
	open, ok := tok.(json.Delim)
	if !ok {
		if recording && strings.HasSuffix(path, ".agent_info.checkpoint") {
			return
		}
		*leaves = append(*leaves, fmt.Sprintf("%s=%#v", path, tok))
		return
	}
	before := len(*leaves)
	for i := 0; d.More(); i++ {
		step := fmt.Sprintf("[%d]", i)
		if open == '{' {
			step = "." + token().(string)
		}
		flattenValue(t, d, path+step, recording, leaves)
	}
	end := token()
	if len(*leaves) == before && (!recording || open != '[') {
		*leaves = append(*leaves, fmt.Sprintf("%s=%v%v", path, open, end))
	}
}

func firstDifference(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return -1
}

func from(leaves []string, i int) []string {
	return leaves[min(i, len(leaves)):min(i+3, len(leaves))]
}
