package authorization

import (
	"os"
	"strings"
	"testing"
)

// The actions are those of Mesos's message ACLs, and their rules name what those do.
func TestTableIsMesoss(t *testing.T) {
	text, err := os.ReadFile("../../messages/testdata/internal_messages.tsv")
	if err != nil {
		t.Fatal(err)
	}
	second, want := map[string]string{}, map[Action]string{}
	var lists [][2]string
	for line := range strings.Lines(string(text)) {
		f := strings.Split(line, "\t")
		switch {
		case len(f) < 6 || f[0] != "mesos":
		case f[1] == "ACLs" && f[4] == "repeated":
			lists = append(lists, [2]string{f[2], strings.TrimPrefix(f[5], "mesos.")})
		case strings.HasPrefix(f[1], "ACL.") && f[3] == "2":
			second[f[1]] = f[2]
		}
	}
	for _, l := range lists {
		want[Action(l[0])] = second[l[1]]
	}
	if len(want) != 54 {
		t.Fatalf("the table of messages has %d lists of rules, want 54", len(want))
	}
	for a, o := range want {
		if got := a.Objects(); got != o {
			t.Errorf("%s: its rules name %q, want %q", a, got, o)
		}
	}
	for _, a := range Actions() {
		if want[a] == "" {
			t.Errorf("%s is no list of Mesos's", a)
		}
	}
}
