package job

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"mesos/actors/chronos/schedule"
)

// Defaults are what a job gets that does not say it.
type Defaults struct {
	CPUs, Mem, Disk Number // MB
	Epsilon         time.Duration
	User            string
}

// Retries is how often a job that fails runs again if it does not say.
const Retries = 2

// Invalid is what is wrong with a job.
type Invalid struct {
	Field       string
	Why         string
	Unsupported bool // it makes sense, but not to this scheduler
}

func (e *Invalid) Error() string { return fmt.Sprintf("field %s: %s", e.Field, e.Why) }

func invalid(field, format string, args ...any) error {
	return &Invalid{Field: field, Why: fmt.Sprintf(format, args...)}
}

// posted is a job as it comes, with what the scheduler alone knows.
type posted struct {
	Job
	SuccessCount, ErrorCount, ErrorsSinceLastSuccess Number
	LastSuccess, LastError                           Text
	MissedCount                                      Number
}

// Decode reads a job from JSON and completes it. An interval without a start begins now. Errors are an *[Invalid], or say where
// the JSON is broken.
func Decode(data []byte, d Defaults, now time.Time) (*Job, error) {
	p := posted{Job: Job{Shell: true, Retries: Retries}}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return nil, jsonError(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the body goes on after the job: send one JSON object")
	}
	j := &p.Job
	if err := j.complete(d, now); err != nil {
		return nil, err
	}
	return j, j.check()
}

// jsonError says in our words what is wrong with a body.
func jsonError(err error) error {
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return &Invalid{Field: strings.Trim(name, `"`), Why: "it is not known: a job has no such field", Unsupported: true}
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return invalid(wrong.Field, "it is a JSON %s, which does not belong there", wrong.Value)
	}
	return fmt.Errorf("the body is no JSON of a job: %w", err)
}

// complete fills in what was not said.
func (j *Job) complete(d Defaults, now time.Time) error {
	for at, def := range map[*Number]Number{&j.CPUs: d.CPUs, &j.Mem: d.Mem, &j.Disk: d.Disk} {
		if *at == 0 {
			*at = def
		}
	}
	if j.RunAsUser == "" {
		j.RunAsUser = Text(d.User)
	}
	if j.Epsilon == "" {
		j.Epsilon = Text(schedule.Period{Exact: d.Epsilon}.String())
	}
	if len(j.URIs) > 0 && len(j.Fetch) > 0 && !j.sameFiles() {
		return invalid("uris", "it is the old form of fetch: a job has one of both")
	}
	if len(j.Fetch) == 0 {
		for _, uri := range j.URIs {
			j.Fetch = append(j.Fetch, Fetch{URI: uri})
		}
	}
	j.URIs = nil
	if len(j.Parents) > 0 {
		if j.Schedule != "" {
			return invalid("schedule", "a job with parents has none: it runs after them")
		}
		return nil
	}
	return j.completeSchedule(now)
}

// sameFiles says that uris repeats fetch, as in a job that was listed.
func (j *Job) sameFiles() bool {
	if len(j.URIs) != len(j.Fetch) {
		return false
	}
	for i, f := range j.Fetch {
		if f.URI != j.URIs[i] {
			return false
		}
	}
	return true
}

// completeSchedule writes down when an interval begins. A job that says nothing of when runs once, now.
func (j *Job) completeSchedule(now time.Time) error {
	if j.Schedule == "" {
		j.Schedule = "R1//PT24H"
	}
	s, err := schedule.Parse(string(j.Schedule), string(j.ScheduleTimeZone), now)
	if err != nil {
		return invalid("schedule", "%v", err)
	}
	if strings.Contains(string(j.Schedule), "//") {
		j.Schedule = Text(s.String())
	}
	return nil
}

// When is the schedule of a job without parents.
func (j *Job) When() (schedule.Schedule, error) {
	return schedule.Parse(string(j.Schedule), string(j.ScheduleTimeZone), time.Time{})
}

// Late is how late a run may start.
func (j *Job) Late() time.Duration {
	p, err := schedule.ParsePeriod(string(j.Epsilon))
	if err != nil {
		return 0 // Decode refuses it
	}
	return p.Length()
}
