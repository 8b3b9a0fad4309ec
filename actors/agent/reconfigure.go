package agent

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Reconfiguration says what of an agent may change between two runs.
type Reconfiguration int

// The policies of --reconfiguration_policy.
const (
	Equal    Reconfiguration = iota // nothing
	Additive                        // resources and attributes may be added; a domain may be given
)

// ReconfigurationError refuses to start an agent that is not what it was.
type ReconfigurationError struct {
	Field    string // resources, attributes, hostname, port, domain
	Old, New string
	Policy   Reconfiguration
}

func (e *ReconfigurationError) Error() string {
	hint := "start it as it was"
	switch {
	case e.Policy == Additive:
		hint += " or with more (the policy is additive)"
	case e.Field == "resources" || e.Field == "attributes" || e.Field == "domain":
		hint += ", or with --reconfiguration_policy=additive if something was only added"
	}
	return fmt.Sprintf("the agent's %s changed from %q to %q: %s; --recover=cleanup ends its tasks and lets it begin as a new agent", e.Field, e.Old, e.New, hint)
}

func (r Reconfiguration) check(old, now *v1.AgentInfo) error {
	differs := func(field, was, is string) error { return &ReconfigurationError{field, was, is, r} }
	switch {
	case old.GetHostname() != now.GetHostname():
		return differs("hostname", old.GetHostname(), now.GetHostname())
	case old.GetPort() != now.GetPort():
		return differs("port", fmt.Sprint(old.GetPort()), fmt.Sprint(now.GetPort()))
	case !proto.Equal(old.GetDomain(), now.GetDomain()) && (r == Equal || old.GetDomain() != nil):
		return differs("domain", old.GetDomain().String(), now.GetDomain().String())
	}
	if err := r.checkResources(old, now, differs); err != nil {
		return err
	}
	return r.checkAttributes(old, now, differs)
}

func (r Reconfiguration) checkResources(old, now *v1.AgentInfo, differs func(field, was, is string) error) error {
	was, err := resources.FromProto(old.GetResources())
	if err != nil {
		return fmt.Errorf("resources of the earlier run: %w", err)
	}
	is, err := resources.FromProto(now.GetResources())
	if err != nil {
		return fmt.Errorf("resources: %w", err)
	}
	if was.Equal(is) || r == Additive && is.Contains(was) {
		return nil
	}
	return differs("resources", was.String(), is.String())
}

func (r Reconfiguration) checkAttributes(old, now *v1.AgentInfo, differs func(field, was, is string) error) error {
	same := len(old.GetAttributes()) == len(now.GetAttributes()) || r == Additive
	for _, a := range old.GetAttributes() {
		same = same && slices.ContainsFunc(now.GetAttributes(), func(b *v1.Attribute) bool { return proto.Equal(a, b) })
	}
	if same {
		return nil
	}
	return differs("attributes", resources.AttributesString(old.GetAttributes()), resources.AttributesString(now.GetAttributes()))
}
