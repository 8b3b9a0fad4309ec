package allocator

import (
	"slices"
	"testing"
)

func TestWhitelist(t *testing.T) {
	w := newWorld(t, Options{})
	w.c.SetWhitelist(map[string]bool{"a": true})
	w.framework("f1", "r")
	for _, host := range []string{"a", "b"} {
		w.c.AddAgent(Agent{ID: "S" + host, Hostname: host, Total: res("cpus:1")}, nil)
	}
	offers := w.expect("f1/r Sa cpus:1")
	var why []Reason
	if x, ok := w.c.Explain("f1", "r"); ok {
		for _, r := range x.Reasons {
			why = append(why, r.Reason)
		}
	}
	if want := []Reason{AnothersTurn, Unlisted}; !slices.Equal(why, want) {
		t.Errorf("explained: got %v, want %v", why, want)
	}
	// Another list: what is offered stays so, and what comes back is offered no more.
	w.c.SetWhitelist(map[string]bool{"b": true})
	w.expect("f1/r Sb cpus:1")
	w.giveBack(offers[0])
	w.expect()
	// An agent that becomes another host, and no list.
	w.c.UpdateAgent(Agent{ID: "Sa", Hostname: "b", Total: res("cpus:1")})
	offers = w.expect("f1/r Sa cpus:1")
	w.c.SetWhitelist(map[string]bool{})
	w.giveBack(offers[0])
	w.expect()
	w.c.SetWhitelist(nil)
	w.expect("f1/r Sa cpus:1")
}
