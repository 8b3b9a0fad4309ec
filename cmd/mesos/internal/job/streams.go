package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"mesos/actors/scheduler"
)

// streams copy the output of one instance. Used on the actor only.
type streams struct {
	ended chan struct{} // closed when its task is over
}

// end says that nothing is added any more.
func (s *streams) end() {
	if !isClosed(s.ended) {
		close(s.ended)
	}
}

// openStreams begins to copy the output of an instance, unless that is under way. must is true if its sandbox is known
// to be there.
func (r *runner) openStreams(d *scheduler.Driver, i *instance, must bool) *streams {
	if s := r.streams[i]; s != nil {
		return s
	}
	s := &streams{ended: make(chan struct{})}
	r.streams[i] = s
	id, sandbox, number := i.taskID, i.sandbox, i.number
	r.beside(func() {
		var both sync.WaitGroup
		for name, to := range map[string]io.Writer{"stdout": r.o.Stdout, "stderr": r.o.Stderr} {
			both.Go(func() { r.copyFile(id, fileURL(sandbox, name), number, to, must, s.ended) })
		}
		both.Wait()
		d.Dispatch(func() { r.over(i) })
	})
	return s
}

// copyFile copies one file until the task is over. It runs beside the actor.
func (r *runner) copyFile(id, url string, number int, to io.Writer, must bool, ended <-chan struct{}) {
	var out io.Writer = newCopier(r.screen, to)
	var lines *prefixer
	if len(r.p.instances) > 1 { // never changes
		lines = &prefixer{to: out, prefix: fmt.Sprintf("[%d] ", number)}
		out = lines
	}
	f := &follower{http: r.http, url: url, to: out, must: must}
	err := f.run(r.ctx, ended)
	if lines != nil {
		err = errors.Join(err, lines.flush())
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		r.screen.complain(fmt.Sprintf("output of %s may be incomplete: %v", id, err))
	}
}
