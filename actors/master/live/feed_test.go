package live

import (
	"bytes"
	"fmt"
	"testing"
)

func TestFeedGoesOn(t *testing.T) {
	f := NewFeed("run", 1000)
	if got, want := f.Last(), "run/0"; got != want {
		t.Errorf("last of nothing: got %s, want %s", got, want)
	}
	texts, news, ok := f.After(0)
	if len(texts) != 0 || !ok {
		t.Fatalf("after 0 of nothing: got %d texts, %v, want none, true", len(texts), ok)
	}
	f.Publish([]byte(`{"a":1}`))
	select {
	case <-news:
	default:
		t.Error("a change did not wake who waits")
	}
	f.Publish([]byte(`{"a":2}`))
	texts, _, ok = f.After(1)
	if want := "id: run/2\ndata: {\"a\":2}\n\n"; !ok || len(texts) != 1 || string(texts[0]) != want {
		t.Errorf("after 1: got %q, %v, want %q", texts, ok, want)
	}
	if n, ok := f.Parse(f.Last()); n != 2 || !ok {
		t.Errorf("last: got %d, %v, want 2", n, ok)
	}
}

func TestFeedForgets(t *testing.T) {
	f := NewFeed("run", 500)
	for i := range 100 {
		f.Publish(fmt.Appendf(nil, `{"n":%d}`, i))
	}
	if _, _, ok := f.After(1); ok {
		t.Error("after 1 of 100 with room for few: got true, want false: the reader must begin anew")
	}
	texts, _, ok := f.After(99)
	if !ok || len(texts) != 1 || !bytes.Contains(texts[0], []byte(`"n":99`)) {
		t.Errorf("after 99: got %q, %v, want the last", texts, ok)
	}
	if _, _, ok := f.After(101); ok {
		t.Error("after a change that is to come: got true, want false")
	}
	f.Publish(bytes.Repeat([]byte("x"), 2000))
	if texts, _, ok := f.After(100); !ok || len(texts) != 1 {
		t.Errorf("a change larger than all room: got %d, %v, want it kept until the next", len(texts), ok)
	}
}

func TestFeedParse(t *testing.T) {
	f := NewFeed("run", 500)
	for name, want := range map[string]bool{"run/7": true, "other/7": false, "run/": false, "run": false, "": false, "run/-1": false, "run/x": false} {
		if _, got := f.Parse(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

func TestHistoryKeepsTheNewest(t *testing.T) {
	h := NewHistory(3)
	for i := range 10 {
		h.Add(float64(i), Sums{Total: Amounts{CPUs: 8}, Used: Amounts{CPUs: float64(i)}})
	}
	if got, want := fmt.Sprint(h.Times, h.Used.CPUs, h.Total.CPUs), "[7 8 9] [7 8 9] [8 8 8]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
