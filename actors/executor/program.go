package executor

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

// Connect makes ready a program that an agent started as an executor, as its
// environment says: the loop on which all of it runs, which reaches the agent. The
// caller ends it by leave.
func Connect(log *slog.Logger) (loop *link.Loop, conf Config, leave func(), err error) {
	if conf, err = FromEnv(os.Getenv); err != nil {
		return nil, conf, nil, err
	}
	if err := os.Unsetenv(TokenVariable); err != nil { // nothing that is started from here gets it
		return nil, conf, nil, fmt.Errorf("environment: %w", err)
	}
	conf.Log = log
	transport, err := Dial(conf, os.Getenv("LIBPROCESS_IP"), log)
	if err != nil {
		return nil, conf, nil, fmt.Errorf("link: %w", err)
	}
	return link.NewLoop("executor(1)", transport), conf, func() { _ = transport.Close() }, nil
}

// Serve drives h on the loop until that is stopped. also hear every message from
// the agent, after h's driver.
func Serve(loop *link.Loop, conf Config, h Handler, also ...func(from link.UPID, m proto.Message)) error {
	driver := New(loop, conf, h)
	loop.OnMessage(func(from link.UPID, m proto.Message) {
		driver.Receive(from, m)
		for _, hear := range also {
			hear(from, m)
		}
	})
	loop.OnExited(driver.Exited)
	loop.Dispatch(driver.Start)
	return loop.Run(context.Background())
}
