package shim

import (
	"encoding/binary"
	"net"
	"sync"
	"syscall"
)

// server answers those who come to the socket.
type server struct {
	hub     *hub
	input   *input
	session bool
	signal  func(syscall.Signal) error
	abandon func() // a session's reader is gone

	busy sync.WaitGroup
}

// serve runs until the listener is closed.
func (s *server) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.busy.Go(func() {
			defer conn.Close()
			s.connection(conn)
		})
	}
}

func (s *server) connection(conn net.Conn) {
	f := &frameReader{r: conn}
	kind, payload, err := f.next()
	if err != nil {
		return
	}
	refuse := func(why string) { _ = writeFrame(conn, kindRefused, []byte(why)) } // who asked may be gone
	accept := func() bool { return writeFrame(conn, kindAccepted, nil) == nil }
	switch kind {
	case kindSignal:
		if len(payload) != 1 {
			refuse("a signal is one byte")
		} else if err := s.signal(syscall.Signal(payload[0])); err != nil {
			refuse(err.Error())
		} else {
			accept()
		}
	case kindInput:
		if why := s.input.take(); why != "" {
			refuse(why)
			return
		}
		defer s.input.release()
		if accept() {
			s.input.copy(f)
		}
	case kindOutput:
		s.output(conn, f, accept, refuse)
	default:
		refuse("unknown kind of connection")
	}
}

// output serves a reader until it or the output ends.
func (s *server) output(conn net.Conn, f *frameReader, accept func() bool, refuse func(string)) {
	r, ok := s.hub.attach(conn, s.session)
	if !ok {
		refuse("the container has ended")
		return
	}
	lost := make(chan struct{})
	s.busy.Go(func() {
		defer close(lost)
		_, _, _ = f.next() // a reader says nothing: this is its end
	})
	if accept() {
		r.run(lost)
	} else {
		close(r.gone)
	}
	s.hub.detach(r)
	conn.Close() // ends the goroutine above
	if r.owner {
		s.abandon()
	}
}

func window(payload []byte) (Window, bool) {
	if len(payload) != 4 {
		return Window{}, false
	}
	return Window{binary.BigEndian.Uint16(payload), binary.BigEndian.Uint16(payload[2:])}, true
}
