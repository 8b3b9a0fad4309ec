package consul

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestParse(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	def := Config{Service: "mesos-master", SessionTTL: 10 * time.Second, CheckTTL: time.Second, LockDelay: time.Second}
	with := func(change func(*Config)) *Config {
		c := def
		change(&c)
		return &c
	}
	for text, want := range map[string]*Config{
		"consul://a:1/mesos": with(func(c *Config) { c.Addrs, c.Path = []string{"a:1"}, "mesos" }),
		"consul://a:1,[::1]:2/x/y/?datacenter=east&check_ttl=2s&lock_delay=0s&session_ttl=20s": with(func(c *Config) {
			*c = Config{Service: "mesos-master", Addrs: []string{"a:1", "[::1]:2"}, Path: "x/y", Datacenter: "east", CheckTTL: 2 * time.Second, SessionTTL: 20 * time.Second}
		}),
		"consul://a:1/m?token_file=" + token + "&ca_file=/ca": with(func(c *Config) {
			c.Addrs, c.Path, c.Token, c.TLS, c.CAFile = []string{"a:1"}, "m", "secret", true, "/ca"
		}),
	} {
		if got, err := Parse(text); err != nil || !reflect.DeepEqual(got, *want) {
			t.Errorf("%s: got %+v, %v, want %+v", text, got, err, *want)
		}
	}
	for text, word := range map[string]string{
		"zk://a:1/mesos": "consul://", "consul://a:1": "path", "consul://a/m": `"a"`, "consul:///m": "host:port", "consul://a:1,/m": "host:port",
		"consul://a:1/m?ttl=1s": "ttl", "consul://a:1/m?session_ttl=1s": "session_ttl", "consul://a:1/m?check_ttl=x": "check_ttl",
		"consul://a:1/m?token_file=/does/not/exist": "token_file", "consul://a:1/m?tls=maybe": "maybe",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: got %v, want an error that says %q", text, err, word)
		}
	}
}

// A master stops before the earliest time at which another could lead.
func TestLease(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	for _, c := range []struct {
		lock            time.Duration
		passed, renewed float64
		latest          float64 // when another could lead
	}{
		{time.Second, 0, 0, 2},
		{0, 0, 0, 1},
		{time.Second, 100, 0, 10}, // nobody renews
		{time.Second, 5, 9, 7},    // nobody passes
		{time.Second, 9, 5, 11},
	} {
		l := lease{check: time.Second, lock: c.lock, session: 10 * time.Second, passed: at(c.passed), renewed: at(c.renewed)}
		if got := l.until(); !got.Before(at(c.latest)) || got.Before(at(min(c.passed, c.renewed))) {
			t.Errorf("%+v: stops at %v, want before %v", c, got, at(c.latest))
		}
	}
}
