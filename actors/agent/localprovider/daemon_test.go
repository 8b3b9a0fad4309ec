package localprovider

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"google.golang.org/protobuf/proto"

	"mesos/actors/agent"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
)

var quiet = slog.New(slog.DiscardHandler)

// journal is a type whose providers write down when they run.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) taken() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.lines
	j.lines = nil
	slices.Sort(out)
	return out
}

type noted struct {
	j    *journal
	name string
}

func (n noted) Run(ctx context.Context, _ agent.ProviderLink) {
	<-ctx.Done()
	n.j.add("end %s", n.name)
}

func (j *journal) types() map[string]Type {
	return map[string]Type{"some.type": {
		Check: func(info *v1.ResourceProviderInfo) error {
			if len(info.GetAttributes()) > 1 {
				return errors.New("info.attributes are too many")
			}
			return nil
		},
		Place: func(info *v1.ResourceProviderInfo) string {
			if a := info.GetAttributes(); len(a) > 0 {
				return a[0].GetName()
			}
			return info.GetName()
		},
		New: func(info *v1.ResourceProviderInfo, afresh bool, _ *slog.Logger) (Provider, error) {
			name := fmt.Sprint(info.GetName(), len(info.GetAttributes()))
			j.add("start %s %v", name, afresh)
			return noted{j, name}, nil
		},
	}}
}

func someInfo(name string, attributes ...string) *v1.ResourceProviderInfo {
	info := &v1.ResourceProviderInfo{Type: proto.String("some.type"), Name: &name}
	for _, a := range attributes {
		info.Attributes = append(info.Attributes, &v1.Attribute{Name: &a, Type: v1.Value_TEXT.Enum(), Text: &v1.Value_Text{Value: &a}})
	}
	return info
}

func codeOf(err error) int {
	var r *operator.Refusal
	switch {
	case err == nil:
		return 200
	case errors.As(err, &r):
		return r.Code
	}
	return 500
}

// Configurations are kept before their providers start, and another daemon finds them.
func TestConfigurations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, j := t.TempDir(), &journal{}
		d, err := Open(dir, j.types(), quiet)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.Run(ctx, nil)
		}()
		synctest.Wait()
		bad := someInfo("x")
		bad.Id = &v1.ResourceProviderID{Value: proto.String("mine")}
		unknown := someInfo("x")
		unknown.Type = proto.String("org.apache.mesos.rp.local.storage")
		for _, s := range []struct {
			what  string
			do    func() error
			code  int
			words string
			then  []string
		}{
			{"add", func() error { return d.Add(someInfo("x")) }, 200, "", []string{"start x0 true"}},
			{"add the same again", func() error { return d.Add(someInfo("x")) }, 200, "", nil},
			{"add another of the name", func() error { return d.Add(someInfo("x", "a")) }, 409, "type some.type and name x", nil},
			{"add a second", func() error { return d.Add(someInfo("y")) }, 200, "", []string{"start y0 true"}},
			{"add with an id", func() error { return d.Add(bad) }, 400, `add_resource_provider_config.info.id "mine" must not be set`, nil},
			{"add of an unknown type", func() error { return d.Add(unknown) }, 400, `info.type "org.apache.mesos.rp.local.storage" is not known: it must be one of some.type`, nil},
			{"add with a bad name", func() error { return d.Add(someInfo("../x")) }, 400, `info.name "../x" must be`, nil},
			{"add what the type refuses", func() error { return d.Add(someInfo("z", "a", "b")) }, 400, "info.attributes are too many", nil},
			{"update", func() error { return d.Update(someInfo("x", "a")) }, 200, "", []string{"end x0", "start x1 true"}},
			{"update of none", func() error { return d.Update(someInfo("z")) }, 409, "there is no configuration of type some.type and name z", nil},
			{"update to the place of another", func() error { return d.Update(someInfo("x", "y")) }, 400, `"y" is that of the resource provider some.type.y already`, nil},
			{"add at the place of another", func() error { return d.Add(someInfo("z", "y")) }, 400, `"y" is that of the resource provider some.type.y already`, nil},
			{"update with an id", func() error { return d.Update(bad) }, 400, "update_resource_provider_config.info.id", nil},
			{"remove", func() error { return d.Remove("some.type", "y") }, 200, "", []string{"end y0"}},
			{"remove of none", func() error { return d.Remove("some.type", "y") }, 200, "", nil},
		} {
			err := s.do()
			if got := codeOf(err); got != s.code || err != nil && !strings.Contains(err.Error(), s.words) {
				t.Errorf("%s: got %d %v, want %d with %q", s.what, got, err, s.code, s.words)
			}
			synctest.Wait()
			if got := j.taken(); !slices.Equal(got, s.then) {
				t.Errorf("%s: then %q, want %q", s.what, got, s.then)
			}
		}
		cancel()
		<-ended
		if got, want := j.taken(), []string{"end x1"}; !slices.Equal(got, want) {
			t.Errorf("at the end %q, want %q", got, want)
		}
		again, err := Open(dir, j.types(), quiet)
		if err != nil {
			t.Fatal(err)
		}
		if c, there := again.configs[key{"some.type", "x"}]; len(again.configs) != 1 || !there || !equal(c.info, someInfo("x", "a")) {
			t.Errorf("another daemon finds %v, want the updated x", again.configs)
		}
	})
}

// What is not understood is passed over, and no file of anybody is overwritten.
func TestForeignFiles(t *testing.T) {
	dir, j := t.TempDir(), &journal{}
	for name, text := range map[string]string{
		"a.json": `{"type":"some.type","name":"x"}`, "b.json": `{"type":"some.type","name":"x","attributes":[{"name":"n","type":"TEXT","text":{"value":"v"}}]}`,
		"c.json": `{"type":"some.type"`, "d.txt": `{"type":"some.type","name":"d"}`, "e.json": `{"type":"other","name":"e"}`,
		"some.type.new.1.json": "somebody's",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(dir, j.types(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	if c := d.configs[key{"some.type", "x"}]; len(d.configs) != 1 || !strings.HasSuffix(c.file, "a.json") {
		t.Errorf("found %v, want x of a.json alone", d.configs)
	}
	if err := d.Add(someInfo("new")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "some.type.new.1.json")); err != nil || string(text) != "somebody's" {
		t.Errorf("the file that was there holds %q, %v, want what it held", text, err)
	}
	if _, err := Open(filepath.Join(dir, "none"), j.types(), quiet); err == nil {
		t.Error("a directory that is not there was opened, want an error")
	}
}
