// Package draining reads the label by which a task asks for time between the news of its end and its SIGTERM, in which whoever sends it
// clients learns of it. The master checks it, executors obey it. It keeps nothing.
package draining

import (
	"fmt"
	"time"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/units"
)

// Label is the name of the label. Its value is a duration in Mesos's form, like 10secs.
const Label = "MESOS_DRAIN_PERIOD"

// Most is the longest period that makes sense: a kill that takes longer looks like one that was lost.
const Most = time.Hour

// Period is what a task's labels ask for: 0 if nothing.
func Period(labels *v1.Labels) (time.Duration, error) {
	for _, l := range labels.GetLabels() {
		if l.GetKey() != Label {
			continue
		}
		d, err := Parse(l.GetValue())
		if err != nil {
			return 0, fmt.Errorf("label %s: %w", Label, err)
		}
		return d, nil
	}
	return 0, nil
}

// Split divides what a kill with policy p takes: the time that labels ask for between TASK_KILLING and the SIGTERM, and the grace period
// after that. A grace period that the kill itself brings is all there is, with the draining in it; any other counts from the SIGTERM. With
// an error, which is Period's, there is no draining.
func Split(labels *v1.Labels, p *v1.KillPolicy, grace time.Duration) (quiet, rest time.Duration, err error) {
	quiet, err = Period(labels)
	if p.GetGracePeriod() != nil {
		quiet = min(quiet, grace)
		grace -= quiet
	}
	return quiet, grace, err
}

// Parse reads the label's value.
func Parse(value string) (time.Duration, error) {
	d, err := units.ParseDuration(value)
	if err == nil && (d < 0 || d > Most) {
		err = fmt.Errorf("%q is not between 0secs and %s", value, units.FormatDuration(Most))
	}
	return d, err
}
