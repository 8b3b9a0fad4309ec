package life

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestLives compares the table of an agent's life with the one that reviewers read.
func TestLives(t *testing.T) {
	var b strings.Builder
	for from := range State(len(stateNames)) {
		for on := range Turn(len(turnNames)) {
			if to, ok := ways[from][on]; ok {
				fmt.Fprintf(&b, "%-20s %-24s %s\n", from, on, to)
			}
		}
	}
	want, err := os.ReadFile("testdata/lives.txt")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the table is\n%s\nwant testdata/lives.txt:\n%s", b.String(), want)
	}
}

// Every state can be reached, and every one that waits for the registry can be left.
func TestLivesAreWhole(t *testing.T) {
	reached := map[State]bool{Unknown: true}
	for _, turns := range ways {
		for _, to := range turns {
			reached[to] = true
		}
	}
	for l := range State(len(stateNames)) {
		if !reached[l] {
			t.Errorf("nothing leads to %v", l)
		}
		if len(ways[l]) == 0 {
			t.Errorf("nothing leads on from %v", l)
		}
	}
}
