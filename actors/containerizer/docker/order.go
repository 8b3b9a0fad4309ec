package docker

import (
	"encoding/json"
	"fmt"

	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/containerizer/launch"
)

// Variable is the environment variable of mesos-docker-executor that holds its
// Order as JSON.
const Variable = "MESOS_DOCKER_ORDER"

// Order is what mesos-docker-executor is to do. One of Container and Exec is set.
type Order struct {
	Socket    string
	Name      string            // of the container
	Container *engine.Container `json:",omitempty"` // to make and run
	Exec      *engine.Exec      `json:",omitempty"` // to run in the one that is there
	// Task says that the command is that of the task which the agent will send.
	Task bool `json:",omitempty"`
}

// Entry is the variable as an environment has it.
func (o *Order) Entry() (string, error) {
	text, err := json.Marshal(o)
	return Variable + "=" + string(text), err
}

// OrderFrom reads the Order of an environment.
func OrderFrom(environ []string) (*Order, error) {
	text := launch.Getenv(environ, Variable)
	if text == "" {
		return nil, fmt.Errorf("environment: %s is not set; an agent that has docker among its --containerizers starts this program, and sets it", Variable)
	}
	o := &Order{}
	if err := json.Unmarshal([]byte(text), o); err != nil {
		return nil, fmt.Errorf("environment: %s: %w", Variable, err)
	}
	return o, nil
}

// Name is what the engine calls a container.
func Name(id string) string { return "mesos-" + id }

// Labels of the containers that agents make.
const (
	LabelAgent     = "mesos.agent"     // 8 letters from the agent's work directory
	LabelContainer = "mesos.container" // its id
)
