package ordered_test

import (
	"fmt"
	"strings"
	"testing"

	"mesos/messages/ordered"
)

func TestAll(t *testing.T) {
	var all, some strings.Builder
	m := map[string]int{"c": 3, "a": 1, "d": 4, "b": 2}
	for k, v := range ordered.All(m) {
		fmt.Fprint(&all, k, v, " ")
	}
	for k := range ordered.All(m) {
		fmt.Fprint(&some, k, " ")
		delete(m, "b")
		m["x"] = 5
		if k == "c" {
			break
		}
	}
	if got, want := all.String(), "a1 b2 c3 d4 "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := some.String(), "a c "; got != want {
		t.Errorf("with a deletion, an addition and a break: got %q, want %q", got, want)
	}
}
