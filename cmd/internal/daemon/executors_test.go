package daemon

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/actors/authentication"
)

func TestExecutorFlags(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flags map[string]string
		key   string
		asks  bool
		why   string
	}{
		{nil, "", false, ""},
		{map[string]string{"jwt_secret_key": path}, "abc", false, ""},
		{map[string]string{"executor_secret_key": "file://" + path}, "abc", false, ""},
		{map[string]string{"jwt_secret_key": path, "authenticate_http_executors": "true"}, "abc", true, ""},
		{map[string]string{"authenticate_http_executors": "true"}, "", false, "want both"},
		{map[string]string{"jwt_secret_key": path + "0"}, "", false, "flag --jwt_secret_key"},
	} {
		f := AgentFlags()
		values := map[string]string{"master": "127.0.0.1:5050", "work_dir": "/w"}
		for k, v := range c.flags {
			values[k] = v
		}
		if err := f.SetAll(values); err != nil {
			t.Fatal(err)
		}
		key, err := executorsFrom(f, slog.New(slog.DiscardHandler))
		if (err != nil) != (c.why != "") || err != nil && !strings.Contains(err.Error(), c.why) || string(key) != c.key {
			t.Errorf("%v: got %q, %v, want %q, %q", c.flags, key, err, c.key, c.why)
		}
		if err != nil {
			continue
		}
		if r := withExecutors(f, nil, key); (r != nil) != c.asks || c.asks && !r.Asks[authentication.Executors] {
			t.Errorf("%v: got realms %v, want that they ask: %v", c.flags, r, c.asks)
		}
	}
}
