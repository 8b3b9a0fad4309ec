package libprocess

import (
	"log/slog"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

var quietLog = slog.New(slog.DiscardHandler)

// silent is an inner network without peers.
type silent struct{}

func (silent) Addr() string                         { return "127.0.0.1:5050" }
func (silent) Start(link.Receiver)                  {}
func (silent) Send(_, _ link.UPID, _ proto.Message) {}
func (silent) Connect(string)                       {}
func (silent) Close() error                         { return nil }
func (silent) Linked(string) bool                   { return false }

// delivered keeps the last message.
type delivered struct {
	from link.UPID
	m    proto.Message
}

func (d *delivered) Deliver(from link.UPID, _ string, m proto.Message) { d.from, d.m = from, m }
func (d *delivered) Exited(string)                                     {}
