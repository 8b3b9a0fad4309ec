package main

import (
	"bytes"
	"context"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/terminal"
)

// watchEvery is how often --watch looks.
const watchEvery = 2 * time.Second

// clearScreen puts the cursor at the top of an empty screen.
const clearScreen = "\x1b[H\x1b[2J"

func watchFlag() cli.Flag {
	return &cli.BoolFlag{Name: "watch", Aliases: []string{"w"}, Usage: "go on showing it, every 2s, until Ctrl-C; to a file only what changed"}
}

// watched shows something once or, with --watch, again and again: a terminal is wiped first; elsewhere it is shown
// again when it has changed.
func watched(ctx context.Context, c *cli.Context, show func(*bytes.Buffer) error) error {
	var last []byte
	for first := true; ; first = false {
		var out bytes.Buffer
		err := show(&out)
		switch {
		case first && err != nil, ctx.Err() == nil && err != nil && !c.Bool("watch"):
			return err
		case ctx.Err() != nil:
			return nil
		case err != nil:
			out.WriteString("mesos: " + err.Error() + "\n") // it may come back: who watches wants to see that
		}
		if err := display(c, out.Bytes(), last, first); err != nil {
			return err
		}
		last = out.Bytes()
		if !c.Bool("watch") {
			return nil
		}
		select {
		case <-time.After(watchEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

func display(c *cli.Context, text, last []byte, first bool) error {
	out, isFile := c.App.Writer.(*os.File)
	switch {
	case !c.Bool("watch"):
	case isFile && terminal.Is(out):
		text = append([]byte(clearScreen), text...)
	case !first && bytes.Equal(text, last):
		return nil
	}
	_, err := c.App.Writer.Write(text)
	return err
}
