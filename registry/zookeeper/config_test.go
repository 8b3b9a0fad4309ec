package zookeeper

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParse(t *testing.T) {
	for text, want := range map[string]Config{
		"zk://a:1/mesos":                 {Addrs: []string{"a:1"}, Path: "/mesos"},
		"zk://a:1,b,[::1]:2,::1/x/y/":    {Addrs: []string{"a:1", "b:2181", "[::1]:2", "[::1]:2181"}, Path: "/x/y"},
		"zk://u:p@:s/@a:1,b:2/m":         {Addrs: []string{"a:1", "b:2"}, Path: "/m", User: "u", Password: "p@:s/"},
		"zk://user:@10.0.0.1:2181/mesos": {Addrs: []string{"10.0.0.1:2181"}, Path: "/mesos", User: "user"},
	} {
		want.SessionTimeout = 10 * time.Second
		if got, err := Parse(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, want)
		}
	}
	for text, word := range map[string]string{
		"consul://a:1/mesos": "zk://", "zk://a:1": "path", "zk://a:1/": "path", "zk:///m": "host:port", "zk://a:1,/m": "host:port", "zk://a:x/m": `"a:x"`,
		"zk://a:0/m": `"a:0"`, "zk://a:1/m//n": "part", "zk://a:1/../n": "part", "zk://u@a:1/m": "user:password", "zk://:p@a:1/m": "user:password",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: got %v, want an error that says %q", text, err, word)
		}
	}
	if _, err := Parse("zk://u:secret@a:x/m"); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "zk://u:…@a:x/m") {
		t.Errorf("got %v, want an error without the password", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("zk://u:p@a:1,b/mesos/x")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := Parse(text); err == nil && (len(c.Addrs) == 0 || !strings.HasPrefix(c.Path, "/") || strings.HasSuffix(c.Path, "/")) {
			t.Errorf("%q: got %+v without an error", text, c)
		}
	})
}
