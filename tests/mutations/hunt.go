package mutations

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
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

// mostSeeds are tried before crash points are; batch so many in one process.
const (
	mostSeeds = 250
	batch     = 5
)

// limit bounds one process on the slowest machine; who needs longer found nothing.
const limit = time.Hour

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
	p := prey{ctx, root, folder}
	for first := 1; first <= mostSeeds; first += batch {
		by, text, err := p.hunt("^TestSeeds$", fmt.Sprintf("FROM=%d", first), fmt.Sprintf("SEEDS=%d", batch))
		if err != nil {
			return Verdict{}, err
		}
		if by != "" {
			return Verdict{By: "seeds: " + wrong(text), Seeds: firstSeed(text, first), Took: time.Since(start), Text: text}, nil
		}
	}
	by, text, err := p.hunt("^TestCrashPoints$", "SIM_COVERAGE=all")
	if err == nil && by == "" {
		by, text, err = p.hunt("^Test[^SCH]")
	}
	return Verdict{By: by, Seeds: mostSeeds, Took: time.Since(start), Text: text}, err
}

var (
	failure   = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	aSeed     = regexp.MustCompile(`(?m)^\s*--- FAIL: \S+/seed=(\d+)`)
	complaint = regexp.MustCompile(`(?m)^ +\w+\.go:\d+: (?:at \S+: )?(.*)$`)
)

// firstSeed is the lowest seed that failed, or the first of all if the program ended.
func firstSeed(text string, first int) int {
	lowest := 0
	for _, m := range aSeed.FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && (lowest == 0 || n < lowest) {
			lowest = n
		}
	}
	return max(lowest, first)
}

// wrong is the first thing that a failed run complains of.
func wrong(text string) string {
	if m := complaint.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return failedTest(text)
}

// prey is a built simulator.
type prey struct {
	ctx          context.Context
	root, folder string
}

// hunt runs some tests until the first that fails, and returns its name, "" if none does, and what was printed.
func (p prey) hunt(run string, env ...string) (failed, text string, err error) {
	c := exec.CommandContext(p.ctx, filepath.Join(p.folder, "simtest.test"), "-test.run", run, "-test.failfast", "-test.v", "-test.timeout", limit.String())
	c.Dir = filepath.Join(p.root, "actors", "simtest")
	// A story asked for in a file is not made short, which would take long.
	c.Env = append(append(os.Environ(), env...), "SIM_STORY="+filepath.Join(p.folder, "story"))
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", "", nil
	case bytes.Contains(out, []byte("panic: test timed out")):
		return "", "", fmt.Errorf("run of %s: it took more than %v", run, limit)
	case !errors.As(err, &exit) || p.ctx.Err() != nil:
		return "", "", fmt.Errorf("run of the simulator: %w", err)
	}
	return failedTest(string(out)), string(out), nil
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
