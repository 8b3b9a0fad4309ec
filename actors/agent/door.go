package agent

import (
	"errors"
	"io/fs"
)

// openDoor lets an executor reach the agent by its sandbox, if executors do. A container that was about to start when the
// agent ended may have no sandbox: it has nobody who would come.
func (a *Agent) openDoor(containerID, sandbox string) {
	if a.conf.Doors == nil {
		return
	}
	if err := a.conf.Doors.Open(sandbox); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Error("an executor cannot reach the agent", "container_id", containerID, "error", err)
	}
}

func (a *Agent) closeDoor(sandbox string) {
	if a.conf.Doors != nil {
		a.conf.Doors.Close(sandbox)
	}
}
