package shim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// firstReader is how long a session waits for its reader.
const firstReader = 30 * time.Second

// Run is the program mesos-shim: it supervises one command until it has ended.
// It must be called on the program's first thread, in the runtime directory,
// with the Spec on stdin, the sandbox's files as stdout and stderr, and somebody
// who waits for a Started on ready.
func Run(stdin io.Reader, stdout, stderr, ready *os.File) error {
	s, err := begin(stdin, stdout, stderr)
	word := Started{}
	if err != nil {
		word.Error = err.Error()
	} else {
		word.PID = s.command.pid
	}
	err = errors.Join(err, json.NewEncoder(ready).Encode(word), ready.Close())
	if s == nil {
		return err
	}
	// An agent that died meanwhile finds the container by its socket.
	return s.run()
}

// supervisor is a shim at work.
type supervisor struct {
	spec     Spec
	listener net.Listener
	io       *stdio
	hub      *hub
	command  *command
}

func begin(stdin io.Reader, stdout, stderr *os.File) (*supervisor, error) {
	s := &supervisor{hub: newHub(stdout, stderr)}
	if err := json.NewDecoder(stdin).Decode(&s.spec); err != nil {
		return nil, fmt.Errorf("spec: %w", err)
	}
	var err error
	if s.io, err = newStdio(s.spec); err != nil {
		return nil, fmt.Errorf("standard streams: %w", err)
	}
	_ = os.Remove(socketName) // there is none, or one that nobody serves
	if s.listener, err = net.Listen("unix", socketName); err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	s.command, err = start(s.spec, s.io)
	if err != nil {
		s.listener.Close()
		return nil, err
	}
	return s, nil
}

// run copies until the command has ended.
func (s *supervisor) run() error {
	serve := &server{hub: s.hub, input: s.io.input, session: s.spec.Session, signal: s.command.signal, abandon: s.command.kill}
	serve.busy.Go(func() { serve.serve(s.listener) })
	if s.spec.Session {
		late := time.AfterFunc(firstReader, s.noReader)
		defer late.Stop()
	}
	var copies sync.WaitGroup
	for kind, from := range s.io.output {
		copies.Go(func() {
			if s.spec.Session {
				<-s.hub.first
			}
			s.hub.copy(from, kind)
		})
	}
	ws := s.command.wait()
	err := writeStatus(".", ws)
	copies.Wait() // everybody who could write is dead
	s.hub.end()
	s.listener.Close()
	s.hub.drained()
	return err
}

// noReader ends a session that nobody came to read.
func (s *supervisor) noReader() {
	if s.hub.giveUp() {
		s.command.kill()
	}
}
