package simtest

import (
	"fmt"
	"strings"
)

// Mistake is a kind of thing that a scheduler did wrong.
type Mistake string

// The mistakes that [Try] finds.
const (
	BelievedRunning   Mistake = "believed running" // a task that runs nowhere
	Forgotten         Mistake = "forgotten"        // a task that runs, and the scheduler does not know
	OfferUsedTwice    Mistake = "offer used twice"
	TaskIDUsedTwice   Mistake = "task id used twice"
	NeverAcknowledged Mistake = "never acknowledged" // an update
	NeverAnswered     Mistake = "never answered"     // an offer, neither accepted nor declined
	NeverSubscribed   Mistake = "never subscribed"
)

// Finding is one mistake.
type Finding struct {
	Mistake Mistake
	What    string // id of the task or offer
	Text    string // a sentence for people
}

// Report is what a scheduler did wrong in one trial; without findings nothing.
type Report struct {
	Recipe   string
	Seed     uint64
	Findings []Finding
}

// Has says that there is a finding of that kind.
func (r Report) Has(m Mistake) bool {
	for _, f := range r.Findings {
		if f.Mistake == m {
			return true
		}
	}
	return false
}

// String is the report for people.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "recipe %q, seed %d: ", r.Recipe, r.Seed)
	if len(r.Findings) == 0 {
		b.WriteString("nothing wrong\n")
		return b.String()
	}
	fmt.Fprintf(&b, "%d mistakes\n", len(r.Findings))
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %s: %s\n", f.Mistake, f.Text)
	}
	return b.String()
}
