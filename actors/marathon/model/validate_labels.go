package model

import "mesos/messages/draining"

// validateLabels looks at those that mean something to Mesos: the master would refuse the tasks, again and again.
func validateLabels(p *problems, labels map[string]string, path string) {
	if value, is := labels[draining.Label]; is {
		_, err := draining.Parse(value)
		p.need(err == nil, path+"/"+draining.Label, "%v", err)
	}
}
