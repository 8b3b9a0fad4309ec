package tracing

import (
	"context"
	"log/slog"
)

// Log gives every line of a log that names a framework and a task the id of
// the task's trace, trace_id, if the task is traced.
func Log(to slog.Handler, t *Tracer) slog.Handler {
	if t == nil {
		return to
	}
	return logHandler{to: to, t: t}
}

type logHandler struct {
	to     slog.Handler
	t      *Tracer
	task   Task // as far as With told it
	nested bool // in a group: what stands there are other things
}

func (h logHandler) Enabled(ctx context.Context, l slog.Level) bool { return h.to.Enabled(ctx, l) }

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	if k := h.task; !h.nested {
		r.Attrs(func(a slog.Attr) bool { k.note(a); return true })
		if k.FrameworkID != "" && k.TaskID != "" && h.t.On(k) {
			r = r.Clone()
			r.AddAttrs(slog.String("trace_id", k.TraceText()))
		}
	}
	return h.to.Handle(ctx, r)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if !h.nested {
		for _, a := range attrs {
			h.task.note(a)
		}
	}
	h.to = h.to.WithAttrs(attrs)
	return h
}

func (h logHandler) WithGroup(name string) slog.Handler {
	h.to, h.nested = h.to.WithGroup(name), h.nested || name != ""
	return h
}

func (k *Task) note(a slog.Attr) {
	switch a.Key {
	case "framework_id":
		k.FrameworkID = a.Value.String()
	case "task_id":
		k.TaskID = a.Value.String()
	}
}
