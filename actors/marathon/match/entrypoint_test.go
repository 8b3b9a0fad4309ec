package match

import (
	"testing"

	"mesos/actors/marathon/model"
)

// The words of a pod's command take the place of the image's entry point, unless they are said to be its arguments.
func TestEntrypoint(t *testing.T) {
	for override, want := range map[string]string{"": "a", `,"overrideEntrypoint":true`: "a", `,"overrideEntrypoint":false`: ""} {
		d, err := model.DecodePod([]byte(`{"id":"/p","containers":[{"name":"c","resources":{"cpus":1,"mem":1},"image":{"kind":"DOCKER","id":"i"},"exec":{"command":{"argv":["a","b"]}`+override+`}}]}`), model.Root, "")
		if err != nil {
			t.Fatal(err)
		}
		i := &model.Instance{ID: "i", AgentID: "a", Tasks: []model.Task{{ID: "t"}}}
		c := podTask(&model.Spec{Pod: d}, &d.Containers[0], i, 0, nil).GetCommand()
		if c.GetValue() != want || len(c.GetArguments()) != 2 || c.GetShell() {
			t.Errorf("%q: got %v, want value %q and both words", override, c, want)
		}
	}
	if _, err := model.DecodePod([]byte(`{"id":"/p","containers":[{"name":"c","resources":{"cpus":1,"mem":1},"image":{"kind":"DOCKER","id":"i","labels":{"a":"b"}},"exec":{"command":{"shell":"a"},"overrideEntrypoint":false}}]}`), model.Root, ""); err == nil {
		t.Error("a shell command that leaves the entry point: got no error")
	}
}
