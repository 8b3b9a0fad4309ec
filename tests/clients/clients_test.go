package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"testing"
	"time"

	"mesos/tests/cluster"
)

func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }

// patience is how long a client may take at all; a client that is still running then hangs.
const patience = 2 * time.Minute

// result is what a client program left.
type result struct {
	output string // stdout and stderr together
	code   int    // exit code
}

// run runs a client to its end. The output is shown if the test fails.
func run(t *testing.T, cmd func(context.Context) *exec.Cmd) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := cmd(ctx)
	c.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("--- output of %s\n%s", c, lastLines(out.String(), 80))
		}
	})
	if ctx.Err() != nil {
		t.Fatalf("%s did not end within %v", c.Args[0], patience)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{out.String(), c.ProcessState.ExitCode()}
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// me is the user whom tasks run as: the one who runs the test, because only root may run them as somebody else.
func me(t *testing.T) string {
	t.Helper()
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

// frameworkIDs lists the frameworks that the master counts as registered.
func frameworkIDs(t *testing.T, c *cluster.Cluster) []string {
	t.Helper()
	r, err := http.Get(c.URL("/state"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var state struct {
		Frameworks []struct{ ID string }
	}
	if err := json.NewDecoder(r.Body).Decode(&state); err != nil {
		t.Fatalf("body of /state: %v", err)
	}
	var ids []string
	for _, f := range state.Frameworks {
		ids = append(ids, f.ID)
	}
	return ids
}
