package simtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A run that fails is told as shortly as it can be: the same seed is lived through again and again with some of its
// events left out, each time in a process of its own, and what still fails in the same way is told.

// What a retelling reads from its environment: which events happen, by number, and the file that its story goes to.
const (
	keepVariable  = "SIM_KEEP"
	storyVariable = "SIM_STORY"
)

// turn has the next event happen, unless it is left out. Each draws from a source of its own, so that leaving one out
// changes nothing that is drawn for the others.
func (x *chaos) turn() {
	n := x.turns
	x.turns++
	x.r = rand.New(rand.NewPCG(x.c.opts.Seed, uint64(n)+100))
	gap := x.about(chaosGap)
	if keep, chosen := os.LookupEnv(keepVariable); !chosen || slices.Contains(strings.Split(keep, ","), strconv.Itoa(n)) {
		x.event()
	}
	x.advance(gap)
}

// retelling is what a run that leaves events out says of itself.
type retelling struct {
	Turns int      `json:"turns"`
	Story []string `json:"story"`
	wrong string   // what failed, "" if nothing did
}

// retold writes the story for who retells it; false if nobody does.
func (x *chaos) retold() bool {
	path := os.Getenv(storyVariable)
	if path == "" {
		return false
	}
	text, err := json.Marshal(retelling{Turns: x.turns, Story: x.story})
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		x.c.T.Errorf("story: %v", err)
	}
	return true
}

var complaint = regexp.MustCompile(`(?m)^ +\w+\.go:\d+: (.*)$`)

// retell lives through a seed with some of its events; nil: with all.
func retell(t *testing.T, seed uint64, keep []int) (r retelling) {
	path := filepath.Join(t.TempDir(), "story")
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSeeds$", "-test.count=1", "-test.timeout=5m")
	c.Env = append(os.Environ(), fmt.Sprintf("SEED=%d", seed), storyVariable+"="+path)
	if keep != nil {
		c.Env = append(c.Env, keepVariable+"="+strings.Trim(strings.ReplaceAll(fmt.Sprint(keep), " ", ","), "[]"))
	}
	out, failed := c.CombinedOutput()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if failed == nil {
		return r
	}
	if m := complaint.FindSubmatch(out); m != nil && err == nil {
		r.wrong = string(m[1])
	} else {
		r.wrong = fmt.Sprintf("%v, and no story (%v)", failed, err)
	}
	return r
}

var digits = regexp.MustCompile(`[0-9]+`)

// kind is what failed without the names and times of one run.
func kind(wrong string) string {
	words := strings.Fields(digits.ReplaceAllString(wrong, "#"))
	return strings.Join(words[:min(len(words), 8)], " ")
}

// mostTries bounds how often a run is repeated to make its story shorter.
const mostTries = 150

// oneStory: of many seeds that fail one story is enough; they mostly have the same to tell.
var oneStory sync.Once

// tellLess tells what is needed of a run that failed.
func tellLess(t *testing.T, seed uint64) {
	if !t.Failed() || os.Getenv(storyVariable) != "" {
		return
	}
	oneStory.Do(func() {
		whole := retell(t, seed, nil)
		if whole.wrong == "" {
			t.Errorf("seed %d failed, and the second time it did not: it does not repeat", seed)
			return
		}
		last := whole
		var all []int
		for n := range whole.Turns {
			all = append(all, n)
		}
		kept := minimal(all, func(keep []int) bool {
			r := retell(t, seed, slices.Concat([]int{-1}, keep))
			if kind(r.wrong) != kind(whole.wrong) {
				return false
			}
			last = r
			return true
		}, mostTries)
		t.Logf("the story of seed %d, made short: %d of %d events\n%s", seed, len(kept), whole.Turns, last.text())
	})
}

// text is the story for people.
func (r retelling) text() string {
	return fmt.Sprintf("%s\n          and then: %s", strings.Join(r.Story, "\n"), r.wrong)
}
