package master

import (
	"errors"

	v1 "mesos/messages/mesos/v1"
)

// checkDomain refuses agents whose region cannot be told from this master's.
func (m *Master) checkDomain(d *v1.DomainInfo) error {
	switch {
	case d.GetFaultDomain() == nil && m.conf.RequireAgentDomain:
		return errors.New("slave.domain is missing: this master has --require_agent_domain, so start the agent with --domain")
	case d.GetFaultDomain() != nil && m.conf.Domain.GetFaultDomain() == nil:
		return errors.New("slave.domain names a region and this master has none to compare it with: start every master with --domain first, or the agent without")
	}
	return nil
}

// remote says whether an agent is of another region than this master. Where
// one of them has no domain they count as of the same.
func (m *Master) remote(d *v1.DomainInfo) bool {
	here, there := m.conf.Domain.GetFaultDomain(), d.GetFaultDomain()
	return here != nil && there != nil && here.GetRegion().GetName() != there.GetRegion().GetName()
}
