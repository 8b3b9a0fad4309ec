package fault_test

import (
	"strings"
	"testing"

	"mesos/actors/fault"
)

func TestParse(t *testing.T) {
	text := `
# what the network does on Mondays
drop message=StatusUpdateMessage to=master@* count=2
delay 3s message=Call.ACCEPT jitter=500ms probability=0.5   # slow
duplicate from=slave(1)@10.0.0.7:* message=mesos.internal.*
hold message=Event.OFFERS direction=in skip=1 count=1
corrupt
partition a=10.0.0.1:* b=10.0.0.2:*,10.0.0.3:* oneway
crash message=RunTaskMessage wipe
crash message=RunTaskMessage after of=receiver restart=5s
hangup message=Call.KILL count=1
partition a=10.0.0.1:* hangup
delay 3s inorder count=1
`
	want := []string{
		"drop to=master@* message=StatusUpdateMessage count=2",
		"delay 3s message=Call.ACCEPT jitter=500ms probability=0.5",
		"duplicate from=slave(1)@10.0.0.7:* message=mesos.internal.*",
		"hold message=Event.OFFERS direction=in skip=1 count=1",
		"corrupt",
		"partition a=10.0.0.1:* b=10.0.0.2:*,10.0.0.3:* oneway",
		"crash message=RunTaskMessage wipe",
		"crash message=RunTaskMessage of=receiver restart=5s after",
		"hangup message=Call.KILL count=1",
		"partition a=10.0.0.1:* hangup",
		"delay 3s count=1 inorder",
	}
	rules, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(rules) != len(want) {
		t.Fatalf("got %d rules, want %d", len(rules), len(want))
	}
	for i, r := range rules {
		if got := r.String(); got != want[i] {
			t.Errorf("rule %d: got %q, want %q", i, got, want[i])
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"\nlose everything":      `line 2: "lose" is no action`,
		"drop everything":        `"everything": write it as key=value`,
		"drop what=x":            `"what" is no key`,
		"delay":                  "give one, like delay 3s",
		"delay soon":             `"soon" is no time`,
		"delay -3s":              "-3s is no time to wait",
		"drop count=-1":          "must not be negative",
		"drop count=x":           `count: "x" is no whole number`,
		"drop probability=2":     "2 is not between 0 and 1",
		"drop probability=NaN":   "NaN is not between 0 and 1",
		"drop probability=often": `probability: "often" is no number`,
		"drop probability=0":     "0 is never",
		"drop direction=up":      `"up" is not one of both, out, in`,
		"partition":              "a is missing",
		"drop a=x":               "are for partitions: use from and to",
		"drop jitter=1s":         "jitter is for delays",
		"delay 1s jitter=-1s":    "jitter: -1s is negative",
		"drop wipe":              "wipe is for crashes",
		"drop hangup":            "are for partitions",
		"drop after":             "of, after and restart are for crashes",
		"drop inorder":           "inorder is for delays",
		"crash of=me":            `"me" is not one of sender, receiver`,
		"crash of=":              `"" is not one of sender, receiver`,
		"crash restart=-1s":      "-1s is negative",
		"crash restart=soon":     `restart: "soon" is no time`,
	} {
		_, err := fault.Parse(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want one with %q", text, err, want)
		}
	}
}

// What is read and written again is the same, and nothing makes it fail otherwise.
func FuzzParse(f *testing.F) {
	f.Add("delay 3s message=Call.ACCEPT jitter=500ms probability=0.5 # x")
	f.Add("partition a=1,2 b=3 oneway\ncrash wipe\nhold skip=3")
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := fault.Parse(text)
		if err != nil {
			return
		}
		for _, r := range rules {
			again, err := fault.Parse(r.String())
			if err != nil || len(again) != 1 || again[0].String() != r.String() {
				t.Errorf("%q: read again it is %v, %v", r.String(), again, err)
			}
		}
	})
}
