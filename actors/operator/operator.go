// Package operator answers the calls of the operator API that are the same on
// every daemon: flags, version, metrics, logging level and files.
//
// Master and agent use it in their handlers of POST /api/v1. It knows neither:
// answers come as the parts that both APIs share.
package operator

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/actors/authorization"
	"mesos/actors/files"
	"mesos/actors/logging"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

// Common is what a daemon tells of itself.
type Common struct {
	Flags   map[string]string
	Build   *v1.VersionInfo
	Files   *files.Files
	Metrics *metrics.Registry
	Level   *logging.Level        // nil: it cannot be changed
	System  func() *actors.System // whose actors are told, nil until it has started; nil func: they are not
	Faults  http.Handler          // of fault injection, at /faults; nil: there is none

	Disabled []string               // paths that are answered by 403
	Realms   *authentication.Realms // who may ask; nil: everybody
	Rules    *authorization.Rules   // and for what; nil: for everything

	// SandboxUser is who what runs in a sandbox runs as, that is shown under a path; false if it is not known. It may be
	// called from any goroutine but an actor's. nil: there are no sandboxes.
	SandboxUser func(shown string) (string, bool)
}

// FlagList is the daemon's flags by name.
func (c *Common) FlagList() []*v1.Flag {
	var out []*v1.Flag
	for _, name := range slices.Sorted(maps.Keys(c.Flags)) {
		out = append(out, &v1.Flag{Name: proto.String(name), Value: proto.String(c.Flags[name])})
	}
	return out
}

// MetricList is all metrics by name; those that do not answer within timeout
// are left out. Without timeout all are waited for.
func (c *Common) MetricList(ctx context.Context, timeout *v1.DurationInfo) []*v1.Metric {
	if timeout != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(timeout.GetNanoseconds()))
		defer cancel()
	}
	samples := c.Metrics.Gather(ctx)
	out := make([]*v1.Metric, len(samples))
	for i := range samples {
		out[i] = &v1.Metric{Name: &samples[i].Name, Value: &samples[i].Value}
	}
	return out
}

// LoggingLevel is the level of the daemon's log, 0 for what it was started with.
func (c *Common) LoggingLevel() uint32 {
	if c.Level == nil {
		return 0
	}
	return c.Level.Get()
}

// SetLoggingLevel changes the level for a while.
func (c *Common) SetLoggingLevel(level uint32, d *v1.DurationInfo) error {
	switch {
	case c.Level == nil:
		return Refuse(http.StatusNotImplemented, "The logging level of this program cannot be changed.")
	case d.GetNanoseconds() < 0:
		return Refuse(http.StatusBadRequest, "set_logging_level.duration: %d nanoseconds is negative.", d.GetNanoseconds())
	}
	c.Level.Set(level, time.Duration(d.GetNanoseconds()))
	return nil
}

// ListFiles is the entries of a directory that the daemon shows.
func (c *Common) ListFiles(ctx context.Context, path string) ([]*v1.FileInfo, error) {
	if denied := c.mayRead(ctx, path); denied != nil {
		return nil, Refuse(http.StatusForbidden, "list_files: %v.", denied)
	}
	infos, err := c.Files.Browse(path)
	if err != nil {
		return nil, Refuse(files.Status(err), "list_files: %v.", err)
	}
	out := make([]*v1.FileInfo, len(infos))
	for i := range infos {
		out[i] = infos[i].Proto()
	}
	return out, nil
}

// ReadFile returns a piece of a file and the file's size. Without length it
// reads on to the end; one answer holds at most [files.MaxRead] bytes.
func (c *Common) ReadFile(ctx context.Context, path string, offset uint64, length *uint64) (data []byte, size uint64, err error) {
	if denied := c.mayRead(ctx, path); denied != nil {
		return nil, 0, Refuse(http.StatusForbidden, "read_file: %v.", denied)
	}
	const most = 1<<63 - 1 // a longer file does not exist
	want := int64(-1)
	if length != nil {
		want = int64(min(*length, most))
	}
	chunk, err := c.Files.Read(path, int64(min(offset, most)), want)
	if err != nil {
		return nil, 0, Refuse(files.Status(err), "read_file: %v.", err)
	}
	if chunk.Data == nil {
		chunk.Data = []byte{}
	}
	return chunk.Data, uint64(chunk.Size), nil
}
