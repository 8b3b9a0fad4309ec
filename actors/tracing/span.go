package tracing

import (
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Ref names a span of a task.
type Ref struct {
	Name string
	Of   string // which one, where a task may have several of the name; "" else
}

// root is the span that all others of a task are in.
var root = Ref{Name: "task"}

// Span is something that took a time on a task's way.
type Span struct {
	Task       Task
	Ref        Ref
	Parent     Ref    // of the same task; the zero Ref: the span "task"
	Service    string // who did it, if not the program that tells; see Executor
	Start, End time.Time
	Failed     string            // why it did not go well, "" if it did
	Attributes map[string]string // what else is to be known, by names like those of logs
	Continues  string            // a traceparent that the span links to, "" or not one: none
}

// Executor is the service of what executors did.
const Executor = "mesos-executor"

// proto is the span as it is sent.
func (s *Span) proto() *trace.Span {
	id := s.Task.TraceID()
	p := &trace.Span{
		TraceId: id[:], SpanId: s.Task.spanID(s.Ref), Name: s.Ref.Name, Kind: trace.Span_SPAN_KIND_INTERNAL,
		StartTimeUnixNano: nanoseconds(s.Start), EndTimeUnixNano: max(nanoseconds(s.Start), nanoseconds(s.End)),
		Attributes: []*common.KeyValue{text("framework_id", s.Task.FrameworkID), text("task_id", s.Task.TaskID)},
	}
	if s.Ref != root {
		parent := s.Parent
		if parent == (Ref{}) {
			parent = root
		}
		p.ParentSpanId = s.Task.spanID(parent)
	}
	for _, k := range sorted(s.Attributes) {
		p.Attributes = append(p.Attributes, text(k, s.Attributes[k]))
	}
	if s.Failed != "" {
		p.Status = &trace.Status{Code: trace.Status_STATUS_CODE_ERROR, Message: s.Failed}
	}
	if of, span, ok := parentOf(s.Continues); ok {
		p.Links = []*trace.Span_Link{{TraceId: of, SpanId: span}}
	}
	return p
}

func nanoseconds(t time.Time) uint64 { return uint64(max(0, t.UnixNano())) }

func text(key, value string) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}}
}
