package discovery

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// Names has a Zone tell what a Cluster knows.
func Names(z *Zone) Book { return names{z} }

type names struct{ zone *Zone }

// Reset implements Book.
func (n names) Reset(facts map[string]Fact) {
	owners := make(map[string][]Record, len(facts))
	for owner, f := range facts {
		owners[owner] = n.records(f)
	}
	n.zone.Reset(owners)
}

// Set implements Book.
func (n names) Set(owner string, f Fact) { n.zone.Set(owner, n.records(f)) }

func (n names) records(f Fact) []Record {
	domain := n.zone.Domain()
	switch {
	case f.Leader.IsValid():
		return leaderRecords(domain, f.Leader)
	case f.Agent != nil:
		return agentRecords(domain, *f.Agent)
	case f.Framework != nil:
		return frameworkRecords(domain, f.Framework)
	case f.Task != nil:
		return taskRecords(domain, f.Task.Framework, f.Task.Task, f.Task.Agent.Addrs)
	}
	return nil
}

func agentRecords(domain string, a Agent) []Record {
	return hostRecords("slave", domain, "slave", a.Addrs, a.Port)
}

func leaderRecords(domain string, at netip.AddrPort) []Record {
	rs := hostRecords("leader", domain, "leader", []netip.Addr{at.Addr()}, at.Port())
	return append(rs, Record{Name: "master." + domain, Addr: at.Addr()})
}

// hostRecords are those of a daemon: its addresses, and an SRV record of each protocol.
func hostRecords(label, domain, service string, addrs []netip.Addr, port uint16) []Record {
	var rs []Record
	host := label + "." + domain
	for _, a := range addrs {
		rs = append(rs, Record{Name: host, Addr: a})
	}
	if len(rs) == 0 || port == 0 {
		return rs
	}
	for _, protocol := range protocols {
		rs = append(rs, Record{Name: "_" + service + "._" + protocol + "." + domain, Service: Service{Target: host, Port: port}})
	}
	return rs
}

// frameworkRecords tell where a framework's own page is, the one place that every scheduler may name. That place is
// left out where it is a host name: a zone holds addresses.
func frameworkRecords(domain string, f *v1.FrameworkInfo) []Record {
	name := Domain(f.GetName())
	page, err := url.Parse(f.GetWebuiUrl())
	if name == "" || err != nil {
		return nil
	}
	addr, err := netip.ParseAddr(page.Hostname())
	if err != nil {
		return nil
	}
	port, _ := strconv.ParseUint(page.Port(), 10, 16)
	host := name + "." + domain
	rs := []Record{{Name: host, Addr: addr}}
	if port != 0 {
		rs = append(rs, Record{Name: strings.Join([]string{"_framework", "_tcp", host}, "."), Service: Service{Target: host, Port: uint16(port)}})
	}
	return rs
}
