package daemon

import (
	"strings"
	"testing"
)

func TestContainerInfoFlag(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "<nil>"},
		{`{"type":"MESOS","hostname":"h"}`, `type:MESOS hostname:"h"`},
		{`{"type":"MESOS","volumes":[{"host_path":"tmp","container_path":"/tmp","mode":"RW"}]}`, `type:MESOS volumes:{mode:RW container_path:"/tmp" host_path:"tmp"}`},
		{`{"type":"DOCKER","docker":{"image":"a"}}`, "!want MESOS"},
		{`{"type":"MESOS","volumes":[{}]}`, "!container_path"},
		{`{`, "!want a ContainerInfo as JSON"},
	} {
		f := AgentFlags()
		if err := f.SetAll(map[string]string{"default_container_info": c.text, "master": "127.0.0.1:5050", "work_dir": "/w"}); err != nil {
			t.Fatal(err)
		}
		got, err := containerInfoFrom(f)
		if wrong, is := strings.CutPrefix(c.want, "!"); is {
			if err == nil || !strings.Contains(err.Error(), "flag --default_container_info") || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s: got %v, want an error of the flag with %q", c.text, err, wrong)
			}
		} else if text := strings.ReplaceAll(got.String(), "  ", " "); err != nil || text != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.text, text, err, c.want)
		}
	}
}

func TestMaxExecutorsFlag(t *testing.T) {
	for text, want := range map[string]int{"": 0, "3": 3, "0": -1} {
		f := MasterFlags()
		values := map[string]string{"work_dir": "/w"}
		if text != "" {
			values["max_executors_per_slave"] = text
		}
		if err := f.SetAll(values); err != nil {
			t.Fatal(err)
		}
		s, err := MasterFrom(f)
		if want < 0 != (err != nil) || err == nil && s.Config.MaxExecutorsPerAgent != want {
			t.Errorf("%q: got %d, %v, want %d (-1: an error)", text, s.Config.MaxExecutorsPerAgent, err, want)
		}
	}
}
