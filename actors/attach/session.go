package attach

import (
	"context"
	"errors"
	"io"

	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// Session is a command to run beside a container, with its streams.
type Session struct {
	ID      *v1.ContainerID // nested in that container
	Command *v1.CommandInfo
	TTY     *Size // nil: no terminal
	Stdin   Stdin
	Stdout  io.Writer
	Stderr  io.Writer
}

// Run runs a session to its end. The status is as wait(2) gives it.
func (a *Agent) Run(ctx context.Context, s Session) (status int, known bool, err error) {
	launch := &agentv1.Call_LaunchNestedContainerSession{ContainerId: s.ID, Command: s.Command}
	if s.TTY != nil {
		launch.Container = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), TtyInfo: s.TTY.info()}
	}
	resp, err := a.call(ctx, &agentv1.Call{Type: agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION.Enum(), LaunchNestedContainerSession: launch})
	if err != nil {
		return 0, false, err
	}
	defer resp.Body.Close()
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	go func() { _ = a.input(feeding, s.ID, s.Stdin) }() // it ends with the session, whose end tells more
	if err := copyOutput(resp.Body, s.Stdout, s.Stderr); err != nil {
		return 0, false, err
	}
	return a.Wait(ctx, s.ID)
}

// Attach connects to a container that runs, until it ends or the user detaches.
// Without Data in stdin only its output is shown.
func (a *Agent) Attach(ctx context.Context, id *v1.ContainerID, stdin Stdin, stdout, stderr io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	resp, err := a.call(ctx, &agentv1.Call{Type: agentv1.Call_ATTACH_CONTAINER_OUTPUT.Enum(), AttachContainerOutput: &agentv1.Call_AttachContainerOutput{ContainerId: id}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	written := make(chan error, 1)
	if stdin.Data != nil {
		go func() {
			err := a.input(ctx, id, stdin)
			written <- err
			if err != nil {
				stop() // which ends the output, too
			}
		}()
	}
	err = copyOutput(resp.Body, stdout, stderr)
	select {
	case e := <-written:
		if e != nil && (errors.Is(e, ErrDetached) || err != nil) {
			return e
		}
	default:
	}
	return err
}
