package containerizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/containerizer/shim"
	"mesos/isolators/boot"
)

// running is what a shim is told that starts the command itself.
func running(c Config, a *launch.Account, file string, argv []string) shim.Spec {
	env := append(c.Environment[:len(c.Environment):len(c.Environment)], runtimeMark+c.Runtime)
	return shim.Spec{File: file, Argv: argv, Env: env, Dir: c.Sandbox, Account: a}
}

// waiting is what a shim is told whose command waits to be isolated.
func (p *Posix) waiting(c Config, a *launch.Account, l *boot.Launch, o boot.Order) shim.Spec {
	return shim.Spec{
		Init: p.isolation.Init, InitArgs: o.Arguments, InitEnv: initEnvironment(c), PIDs: l.Enters(syscall.CLONE_NEWPID), Clone: l.Clone, UIDs: l.UIDs, GIDs: l.GIDs, Account: a,
	}
}

// startShim starts a container's shim, which starts the command; first is the
// command's process. The shim gets more descriptors after its own.
func (p *Posix) startShim(c Config, spec shim.Spec, more []uintptr, out [2]*os.File) (proc launch.Process, first int, err error) {
	if err := os.MkdirAll(c.Runtime, 0o700); err != nil {
		return proc, 0, fmt.Errorf("runtime directory: %w", err)
	}
	spec.Session = c.Session
	if c.TTY != nil {
		size := c.TTY.GetWindowSize()
		spec.TTY = &shim.Window{Rows: uint16(min(size.GetRows(), 1<<16-1)), Columns: uint16(min(size.GetColumns(), 1<<16-1))}
	}
	specR, specW, err := os.Pipe()
	if err != nil {
		return proc, 0, err
	}
	defer specW.Close()
	readyR, readyW, err := os.Pipe()
	if err != nil {
		specR.Close()
		return proc, 0, err
	}
	defer readyR.Close()
	proc, err = launch.Start(launch.Spec{
		File: p.shim, Argv: []string{filepath.Base(p.shim)}, Env: []string{runtimeMark + c.Runtime, sandboxMark + "=" + c.Sandbox}, Dir: c.Runtime, Session: true,
		Files: [3]uintptr{specR.Fd(), out[0].Fd(), out[1].Fd()}, Extra: append([]uintptr{readyW.Fd()}, more...),
	})
	specR.Close()
	readyW.Close()
	if err != nil {
		return proc, 0, err
	}
	// A shim that dies says nothing: then the pipes end.
	err = json.NewEncoder(specW).Encode(spec)
	word, wordErr := started(readyR)
	return p.orKilled(proc, word.PID, errors.Join(err, specW.Close(), wordErr))
}

// started waits for a shim's word.
func started(ready io.Reader) (word shim.Started, err error) {
	if err := json.NewDecoder(ready).Decode(&word); err != nil {
		return word, fmt.Errorf("the container's shim ended before it said anything: %w", err)
	}
	if word.Error != "" {
		return word, errors.New(word.Error)
	}
	return word, nil
}

// shimStatus is how a container's command ended: what its shim wrote down, or
// otherwise if the shim was killed with it.
func (p *Posix) shimStatus(c *container, otherwise syscall.WaitStatus) syscall.WaitStatus {
	ws, err := shim.ReadStatus(c.runtime)
	if err != nil {
		return otherwise
	}
	return ws
}

// endedMeanwhile keeps the exit of a container that ended while no agent was
// there, if it is known.
func (p *Posix) endedMeanwhile(k Known) {
	if k.Runtime == "" {
		return
	}
	ws, err := shim.ReadStatus(k.Runtime)
	if err != nil || k.Process.PID == 0 && ws.Exited() && ws.ExitStatus() == boot.NeverRan {
		return // or the agent died before the command ran
	}
	c := fromEarlier(k)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.containers[c.id] == nil && !p.closed {
		p.containers[c.id] = c
		c.exit = &Exit{Status: int(ws), Message: proctree.Describe(ws)}
		close(c.ended)
		p.ended = append(p.ended, c.id)
	}
}

// fromEarlier is what is known of a container of an earlier run of the agent.
func fromEarlier(k Known) *container {
	return &container{id: k.ContainerID, sandbox: k.Sandbox, runtime: k.Runtime, rooted: hasImage(k.Info), abandon: func(error) {}, ended: make(chan struct{}), over: make(chan struct{})}
}

// runtimeOf is the runtime directory of a container that can be attached to.
func (p *Posix) runtimeOf(id string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch c := p.containers[id]; {
	case c == nil || c.exit != nil:
		return "", fmt.Errorf("%w: it has ended", ErrNotAttachable)
	case c.runtime == "":
		return "", fmt.Errorf("%w: it was started without a terminal (ContainerInfo.tty_info), its output is in its sandbox", ErrNotAttachable)
	default:
		return c.runtime, nil
	}
}

// Signal implements Containerizer.
func (p *Posix) Signal(id string, s syscall.Signal) error {
	dir, err := p.runtimeOf(id)
	if err != nil {
		return err
	}
	return shim.Signal(dir, s)
}

// AttachOutput implements Containerizer.
func (p *Posix) AttachOutput(id string) (Output, error) {
	dir, err := p.runtimeOf(id)
	if err != nil {
		return nil, err
	}
	out, err := shim.AttachOutput(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotAttachable, err)
	}
	return out, nil
}

// AttachInput implements Containerizer.
func (p *Posix) AttachInput(id string) (Input, error) {
	dir, err := p.runtimeOf(id)
	if err != nil {
		return nil, err
	}
	in, err := shim.AttachInput(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotAttachable, err)
	}
	return in, nil
}
