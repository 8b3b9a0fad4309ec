package match

import (
	"fmt"
	"strconv"

	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Offer is an offer of which a part may be used already.
type Offer struct {
	ID         string
	AgentID    string
	Host       string
	Role       string // that it is allocated to
	Region     string
	Zone       string
	Attributes map[string]string
	Left       resources.Resources // not allocated
	Message    *v1.Offer
}

// NewOffer reads an offer of the master.
func NewOffer(m *v1.Offer) (*Offer, error) {
	left, err := resources.FromProto(m.GetResources())
	if err != nil {
		return nil, fmt.Errorf("offer %s: %w", m.GetId().GetValue(), err)
	}
	o := &Offer{
		ID: m.GetId().GetValue(), AgentID: m.GetAgentId().GetValue(), Host: m.GetHostname(), Role: m.GetAllocationInfo().GetRole(),
		Attributes: map[string]string{}, Left: left.Unallocate(), Message: m,
		Region: m.GetDomain().GetFaultDomain().GetRegion().GetName(), Zone: m.GetDomain().GetFaultDomain().GetZone().GetName(),
	}
	for _, a := range m.GetAttributes() {
		o.Attributes[a.GetName()] = attribute(a)
	}
	return o, nil
}

// attribute is the value of an attribute as constraints compare it.
func attribute(a *v1.Attribute) string {
	switch a.GetType() {
	case v1.Value_SCALAR:
		return strconv.FormatFloat(a.GetScalar().GetValue(), 'f', -1, 64)
	case v1.Value_TEXT:
		return a.GetText().GetValue()
	}
	text := resources.AttributesString([]*v1.Attribute{a})
	return text[min(len(text), len(a.GetName())+1):]
}

// value is what constraints compare; ok is false where the agent has no such attribute.
func (o *Offer) value(field string) (v string, ok bool) {
	switch field {
	case "hostname", "@hostname":
		return o.Host, true
	case "@region":
		return o.Region, o.Region != ""
	case "@zone":
		return o.Zone, o.Zone != ""
	}
	v, ok = o.Attributes[field]
	return v, ok
}

// Place is an offer's agent, as an instance on it knows it.
func (o *Offer) Place(i *model.Instance, fields []model.Constraint) {
	i.AgentID, i.Host, i.Region, i.Zone, i.Role = o.AgentID, o.Host, o.Region, o.Zone, o.Role
	for _, c := range fields {
		if v, ok := o.Attributes[c.Field]; ok {
			if i.Attributes == nil {
				i.Attributes = map[string]string{}
			}
			i.Attributes[c.Field] = v
		}
	}
}
