package daemon

import (
	"fmt"
	"log/slog"
	"slices"

	"mesos/actors/metrics"
	"mesos/actors/tracing"
	"mesos/cmd/flags"
)

// observeFlags are the flags of all daemons by which they are watched; Mesos does not have them.
var observeFlags = []flags.Def{
	flags.LogFormat(),
	{Name: "otlp_endpoint", DefaultText: "nowhere", Usage: "collector of OpenTelemetry traces over OTLP/HTTP that is told of the way of each task, like http://127.0.0.1:4318; the trace's id is trace_id in the log"},
	{Name: "otlp_share", Kind: flags.Float, Default: "1", Usage: "with --otlp_endpoint: share of tasks that are traced, from 0 to 1; all daemons choose the same ones"},
}

// ObserveFlags are those flags for a program that runs daemons within it.
func ObserveFlags() []flags.Def { return slices.Clone(observeFlags) }

// ObserveValues are their values, for the daemons that it runs.
func ObserveValues(f *flags.Set, to map[string]string) map[string]string {
	for _, d := range observeFlags {
		if d.Kind == flags.Float {
			to[d.Name] = fmt.Sprint(f.Float(d.Name))
		} else {
			to[d.Name] = f.String(d.Name)
		}
	}
	return to
}

// TraceSettings are where the way of tasks is told. The zero value is nowhere.
type TraceSettings struct {
	Endpoint string
	Share    float64
}

func traceFrom(f *flags.Set) TraceSettings {
	return TraceSettings{Endpoint: f.String("otlp_endpoint"), Share: f.Float("otlp_share")}
}

// open makes the tracer of a daemon, nil for none, and the log that names its traces.
func (s TraceSettings) open(service, host string, reg *metrics.Registry, log *slog.Logger) (*tracing.Tracer, *slog.Logger, error) {
	if s.Endpoint == "" {
		return nil, log, nil
	}
	t, err := tracing.New(tracing.Options{Endpoint: s.Endpoint, Service: service, Host: host, Share: s.Share, Metrics: reg, Log: log})
	if err != nil {
		return nil, nil, fmt.Errorf("flags --otlp_endpoint and --otlp_share: %w", err)
	}
	return t, slog.New(tracing.Log(log.Handler(), t)), nil
}
