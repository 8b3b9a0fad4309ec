package agent

import (
	"fmt"
	"testing"
)

// TestEndedSessionsAreBounded: of the sessions that nobody removes the newest are kept, and no other container goes.
func TestEndedSessionsAreBounded(t *testing.T) {
	a := &Agent{conf: Config{WorkDir: t.TempDir()}, inner: map[string]*inner{"task.nested": {key: "task.nested", state: innerEnded}}}
	defer a.wg.Wait()
	const more = 20
	for i := range maxEndedSessions + more {
		c := &inner{key: fmt.Sprintf("task.s%d", i), session: true, state: innerEnded}
		a.inner[c.key] = c
		if i%10 == 0 { // somebody removes it
			a.forgetInner(c)
		}
		a.innerOver(c)
	}
	if a.inner["task.nested"] == nil {
		t.Error("a container that is no session was forgotten")
	}
	if a.inner["task.s1"] != nil || a.inner[fmt.Sprintf("task.s%d", maxEndedSessions+more-1)] == nil {
		t.Error("the oldest session is still there, or the newest is not")
	}
	if got := len(a.endedSessions); got != maxEndedSessions {
		t.Errorf("got %d ended sessions, want %d", got, maxEndedSessions)
	}
}
