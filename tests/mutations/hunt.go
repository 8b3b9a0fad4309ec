package mutations

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Verdict is how a bug was found.
type Verdict struct {
	By    string // the test that failed, "" if none did
	Seeds int    // how many seeds were tried until then
	Took  time.Duration
	Text  string // the end of what that test printed
}

// hunters are the tests that look for a bug, in this order.
var hunters = []struct {
	run, skip string
	env       []string
}{
	{run: "^TestSeeds$", env: []string{"SEEDS=30"}},
	{run: "^TestNemesis$|^TestOperationNemesis$", env: []string{"SEEDS=30"}},
	{run: "^TestCrashPoints$", env: []string{"SIM_COVERAGE=all"}},
	{run: ".", skip: "^TestSeeds$|^TestNemesis$|^TestOperationNemesis$|^TestCrashPoints$|^TestHour$"},
}

// limit bounds one hunter: a bug may make it run for ever.
const limit = 5 * time.Minute

// Hunt builds the simulator with a bug, or without one if m is empty, and runs it until it finds something.
func Hunt(ctx context.Context, root, folder string, m Mutation) (Verdict, error) {
	start := time.Now()
	args := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", filepath.Join(folder, "simtest.test")}
	if m.File != "" {
		overlay, err := m.overlay(root, folder)
		if err != nil {
			return Verdict{}, err
		}
		args = append(args, "-overlay", overlay)
	}
	build := exec.CommandContext(ctx, "go", append(args, "./actors/simtest")...)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return Verdict{}, fmt.Errorf("build with the bug: %w: %s", err, out)
	}
	seeds := 0
	for _, h := range hunters {
		failed, n, text, err := hunt(ctx, root, folder, h.run, h.skip, h.env)
		if err != nil {
			return Verdict{}, err
		}
		seeds += n
		if failed != "" {
			return Verdict{By: failed, Seeds: seeds, Took: time.Since(start), Text: text}, nil
		}
	}
	return Verdict{Seeds: seeds, Took: time.Since(start)}, nil
}

var (
	failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	aSeed   = regexp.MustCompile(`(?m)^=== RUN .*/seed=\d+$`)
)

// hunt runs some tests until the first that fails, and returns its name, and how many seeds were tried.
func hunt(ctx context.Context, root, folder, run, skip string, env []string) (failed string, seeds int, text string, err error) {
	args := []string{"-test.run", run, "-test.failfast", "-test.v", "-test.parallel=1", "-test.timeout", limit.String()}
	if skip != "" {
		args = append(args, "-test.skip", skip)
	}
	c := exec.CommandContext(ctx, filepath.Join(folder, "simtest.test"), args...)
	c.Dir, c.Env = filepath.Join(root, "actors", "simtest"), append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	text = string(out)
	seeds = len(aSeed.FindAllString(text, -1))
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", seeds, "", nil
	case !errors.As(err, &exit) || ctx.Err() != nil:
		return "", seeds, "", fmt.Errorf("run of the simulator: %w", err)
	}
	return failedTest(text), seeds, text[max(0, len(text)-2000):], nil
}

// failedTest is the innermost test that failed.
func failedTest(text string) string {
	name := ""
	for _, f := range failure.FindAllStringSubmatch(text, -1) {
		if len(f[1]) > len(name) {
			name = f[1]
		}
	}
	if name == "" {
		name = "the end of the run"
		for line := range strings.Lines(text) {
			if s, ok := strings.CutPrefix(line, "=== RUN   "); ok {
				name = strings.TrimSpace(s)
			}
			if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
				return name + ", " + strings.TrimSpace(line)
			}
		}
	}
	return name
}
