package services

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mesos/actors/discovery"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/catalog"
)

// Labels that say more than themselves: those of mesos-consul, and the beginning of traefik's.
const (
	tagsLabel     = "tags"
	nameLabel     = "overrideTaskName"
	traefikLabels = "traefik."
)

// What Consul takes as metadata, in bytes; and how much of it an entry has at most, so that a write is never too big.
const (
	maxMetaKey, maxMetaValue = 128, 512
	maxMeta, maxMetaBytes    = 60, 8 << 10
)

// Node is what an agent is called in the catalog: its id, which no other machine there has.
func Node(agentID string) string { return "mesos-" + agentID }

// Entries are what a running task is in the catalog: one for each port. A task without ports, or without a name, has none.
func Entries(r *discovery.Running) []catalog.Entry {
	t, name := r.Task, serviceName(r.Task)
	if name == "" || len(r.Agent.Addrs) == 0 {
		return nil
	}
	healthy, why := r.Healthy()
	var all []catalog.Entry
	for i, p := range r.Places() {
		labels := ofLabels(t.GetLabels())
		maps.Copy(labels, p.Labels)
		e := catalog.Entry{
			Node: Node(r.Agent.ID), NodeAddr: r.Agent.Addrs[0].String(),
			ID:      fmt.Sprintf("mesos.%s.%s.%d", t.GetFrameworkId().GetValue(), t.GetTaskId().GetValue(), p.Port),
			Service: name, Addr: p.Addr.String(), Port: int(p.Port), Tags: tags(r.Framework, p, labels), Meta: meta(t, labels),
			Healthy: healthy, Output: why,
		}
		if i > 0 {
			e.Service = name + "-" + further(p, i)
		}
		all = append(all, e)
	}
	return all
}

func further(p discovery.Place, i int) string {
	if p.Name != "" {
		return p.Name
	}
	return strconv.Itoa(i)
}

func serviceName(t *v1.Task) string {
	for _, name := range []string{ofLabels(t.GetLabels())[nameLabel], t.GetDiscovery().GetName(), t.GetName()} {
		if l := discovery.Label(name); l != "" {
			return l
		}
	}
	return ""
}

func ofLabels(ls *v1.Labels) map[string]string {
	out := map[string]string{}
	for _, l := range ls.GetLabels() {
		out[l.GetKey()] = l.GetValue()
	}
	return out
}

// tags are in order, each once.
func tags(framework string, p discovery.Place, labels map[string]string) []string {
	all := []string{framework, p.Name}
	all = append(all, strings.Split(labels[tagsLabel], ",")...)
	for k, v := range labels {
		if strings.HasPrefix(k, traefikLabels) {
			all = append(all, k+"="+v)
		}
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	all = slices.DeleteFunc(all, func(tag string) bool { return tag == "" })
	slices.Sort(all)
	return slices.Compact(all)
}

// meta are the ids and the labels that Consul takes, as many as it does.
func meta(t *v1.Task, labels map[string]string) map[string]string {
	out := map[string]string{
		"mesos_task_id": t.GetTaskId().GetValue(), "mesos_framework_id": t.GetFrameworkId().GetValue(), "mesos_agent_id": t.GetAgentId().GetValue(),
	}
	for k, v := range out {
		out[k] = v[:min(len(v), maxMetaValue)]
	}
	size := 0
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		key := strings.Map(metaRune, k)
		_, taken := out[key]
		switch {
		case taken, key == "", k == tagsLabel, k == nameLabel, strings.HasPrefix(k, traefikLabels), strings.HasPrefix(strings.ToLower(key), "consul-"):
			continue
		case len(key) > maxMetaKey, len(labels[k]) > maxMetaValue, len(out) >= maxMeta, size+len(key)+len(labels[k]) > maxMetaBytes:
			continue
		}
		out[key] = labels[k]
		size += len(key) + len(labels[k])
	}
	return out
}

// metaRune keeps what names of metadata are made of.
func metaRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		return r
	}
	return '_'
}
