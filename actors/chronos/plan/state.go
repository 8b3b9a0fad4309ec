package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"mesos/actors/chronos/job"
	"mesos/actors/chronos/schedule"
	"mesos/registry"
)

// The tables of the store.
const (
	TableJobs      = "jobs"
	TableRuns      = "runs"
	TableHistory   = "history"
	TableFramework = "framework"
)

// Tables are all of them.
var Tables = []string{TableJobs, TableRuns, TableHistory, TableFramework}

const frameworkKey = "id"

// Options are how a State decides.
type Options struct {
	RetryDelay time.Duration // between a try that failed and the next one
	LostDelay  time.Duration // the same for one that was lost
	History    int           // runs that are remembered for each job
	MaxRows    int           // that one write takes
}

// Entry is a job with what is known of it.
type Entry struct {
	Job  job.Job   `json:"job"`
	Mark time.Time `json:"mark,omitzero"`  // all slots up to here are decided
	Done []string  `json:"done,omitempty"` // parents that have run since this job did

	SuccessCount           int64     `json:"successCount"`
	ErrorCount             int64     `json:"errorCount"`
	ErrorsSinceLastSuccess int64     `json:"errorsSinceLastSuccess"`
	MissedCount            int64     `json:"missedCount"`
	LastSuccess            time.Time `json:"lastSuccess,omitzero"`
	LastError              time.Time `json:"lastError,omitzero"`

	when    schedule.Schedule // nil: after its parents
	next    time.Time         // the first slot after the mark; zero: none
	history []*Run            // oldest first
}

// State is all that chronos knows.
type State struct {
	o           Options
	frameworkID string
	jobs        map[string]*Entry
	runs        map[string]*Run
	dirty       map[rowKey]bool
	hooks       []Hook
}

type rowKey struct{ table, key string }

// New is a State that knows nothing.
func New(o Options) *State {
	return &State{o: o, jobs: map[string]*Entry{}, runs: map[string]*Run{}, dirty: map[rowKey]bool{}}
}

// Load takes up one row of the store. After the last one Loaded is called.
func (s *State) Load(r registry.Row) error {
	bad := func(err error) error { return fmt.Errorf("row %q of table %s: %w", r.Key, r.Table, err) }
	switch r.Table {
	case TableFramework:
		s.frameworkID = string(r.Value)
	case TableJobs:
		e := &Entry{}
		if err := json.Unmarshal(r.Value, e); err != nil {
			return bad(err)
		}
		if s.jobs[r.Key] != nil {
			e.history = s.jobs[r.Key].history
		}
		s.jobs[r.Key] = e
	case TableRuns, TableHistory:
		run := &Run{}
		if err := json.Unmarshal(r.Value, run); err != nil {
			return bad(err)
		}
		if r.Table == TableRuns {
			s.runs[r.Key] = run
			return nil
		}
		if s.jobs[run.Job] == nil {
			s.jobs[run.Job] = &Entry{}
		}
		s.jobs[run.Job].history = append(s.jobs[run.Job].history, run)
	default:
		return bad(fmt.Errorf("there is no such table: the store is of another program, or of a later version"))
	}
	return nil
}

// Loaded puts in order what was loaded.
func (s *State) Loaded() error {
	for name, e := range s.jobs {
		if e.Job.Name == "" { // only history: the job was deleted and its history not all
			delete(s.jobs, name)
			for _, r := range e.history {
				s.touch(TableHistory, r.ID())
			}
			continue
		}
		slices.SortFunc(e.history, func(a, b *Run) int { return cmp.Or(a.Ended.Compare(b.Ended), a.Due.Compare(b.Due)) })
		if err := e.plan(); err != nil {
			return fmt.Errorf("job %q: %w", name, err)
		}
	}
	return nil
}

// plan finds the schedule of the job, and its next slot.
func (e *Entry) plan() (err error) {
	e.when, e.next = nil, time.Time{}
	if len(e.Job.Parents) > 0 {
		return nil
	}
	if e.when, err = e.Job.When(); err != nil {
		return err
	}
	e.advance(e.Mark)
	return nil
}

// advance moves the mark, and finds the slot that follows.
func (e *Entry) advance(mark time.Time) {
	e.Mark = mark
	e.next, _ = e.when.After(mark)
}

// touch has a row written with the next Take.
func (s *State) touch(table, key string) { s.dirty[rowKey{table, key}] = true }

func (s *State) touchJob(e *Entry) { s.touch(TableJobs, string(e.Job.Name)) }
func (s *State) touchRun(r *Run)   { s.touch(TableRuns, r.ID()) }

// Take are the rows that have changed since the last Take, in order.
func (s *State) Take() []registry.Row {
	keys := slices.SortedFunc(maps.Keys(s.dirty), func(a, b rowKey) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.key, b.key)) })
	clear(s.dirty)
	var rows []registry.Row
	for _, k := range keys {
		rows = append(rows, registry.Row{Table: k.table, Key: k.key, Value: s.value(k)})
	}
	return rows
}

// value is what a row holds now, nil if it is to be deleted.
func (s *State) value(k rowKey) []byte {
	var v any
	switch k.table {
	case TableFramework:
		if s.frameworkID == "" {
			return nil
		}
		return []byte(s.frameworkID)
	case TableJobs:
		e := s.jobs[k.key]
		if e == nil {
			return nil
		}
		v = e
	case TableRuns:
		r := s.runs[k.key]
		if r == nil {
			return nil
		}
		v = r
	case TableHistory:
		r := s.past(k.key)
		if r == nil {
			return nil
		}
		v = r
	}
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // times, texts and numbers, which were read from JSON
	}
	return data
}

// past is a run that has ended, nil if it is not remembered.
func (s *State) past(id string) *Run {
	name, _, _ := strings.Cut(id, ":")
	e := s.jobs[name]
	if e == nil {
		return nil
	}
	for _, r := range e.history {
		if r.ID() == id {
			return r
		}
	}
	return nil
}

// FrameworkID is the id under which tasks were launched, "" before there is one.
func (s *State) FrameworkID() string { return s.frameworkID }

// SetFrameworkID keeps the framework's id.
func (s *State) SetFrameworkID(id string) {
	if s.frameworkID != id {
		s.frameworkID = id
		s.touch(TableFramework, frameworkKey)
	}
}

// Alive are the tasks that may run: agent id by task id.
func (s *State) Alive() map[string]string {
	out := map[string]string{}
	for _, r := range s.runs {
		if t := r.present(); t != nil && r.Phase != Reporting {
			out[t.TaskID] = t.AgentID
		}
	}
	return out
}
