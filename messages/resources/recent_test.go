package resources

import (
	"fmt"
	"testing"
)

func TestRecent(t *testing.T) {
	var m Recent[string]
	ask := func(cpus int) (string, bool) {
		is, known := m.Find(MustParse(fmt.Sprint("cpus:", cpus)))
		if !known {
			*is = fmt.Sprint(cpus)
		}
		return *is, known
	}
	for _, x := range []struct {
		cpus int
		want bool
	}{{1, false}, {2, false}, {1, true}, {3, false}, {4, false}, {1, true}, {5, false}, {1, false}, {3, true}, {4, true}, {5, true}, {2, false}} {
		if is, known := ask(x.cpus); is != fmt.Sprint(x.cpus) || known != x.want {
			t.Errorf("cpus:%d: got %q, known: %v; want its number, known: %v", x.cpus, is, known, x.want)
		}
	}
	if is, known := m.Find(Resources{}); known && *is != "" {
		t.Errorf("of nothing: got %q", *is)
	}
}
