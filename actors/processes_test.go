package actors_test

import (
	"slices"
	"testing"

	"mesos/actors"
	"mesos/actors/memnet"
)

// What waits for an actor is told while it is busy, and nothing of one that has stopped.
func TestQueues(t *testing.T) {
	sys := actors.NewSystem(memnet.NewNet().Node("a:1"))
	defer sys.Shutdown()
	none := actors.ActorFunc(func(*actors.Process) {})
	busy, err := sys.SpawnReady("busy", none)
	if err != nil {
		t.Fatal(err)
	}
	gone, err := sys.SpawnReady("gone", none)
	if err != nil {
		t.Fatal(err)
	}
	gone.Stop()
	<-gone.Done()
	at, release := make(chan struct{}), make(chan struct{})
	busy.Dispatch(func() {
		close(at)
		<-release
	})
	<-at
	busy.Dispatch(func() {})
	busy.Dispatch(func() {})
	if got, want := sys.Queues(), []actors.Queue{{ID: "busy", Dispatches: 2}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	close(release)
}
