// Package metrics is a small registry of named numbers: counters, gauges and timers under the flat names that Mesos
// uses ("master/tasks_running"), with help and unit for each.
//
// Every actor of a program registers its metrics here; /metrics/snapshot, GET_METRICS and exporters read them. Counters
// and timers are updated from any goroutine without waiting. The registry never asks an actor anything itself: a
// [Source] does, on a goroutine of its own, and a source that answers late is left out of that snapshot.
//
// The folder ready holds alert rules for Prometheus and a dashboard for Grafana
// that query these names.
package metrics
