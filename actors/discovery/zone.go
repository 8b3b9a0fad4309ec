package discovery

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Record is one fact of a Zone. Names are lower case, without a dot at the end.
type Record struct {
	Name string
	Addr netip.Addr // of a host
	Service
}

func (r Record) isHost() bool { return r.Addr.IsValid() }

// Service is where an SRV record points; Target is "" in a record of a host.
type Service struct {
	Target string
	Port   uint16
}

// Zone is all that is known below one domain. Each record belongs to an owner, such as a task, and goes with it; what
// several owners tell alike is there once. It is safe for concurrent use.
type Zone struct {
	domain string

	mu       sync.RWMutex
	serial   uint32
	owners   map[string][]Record
	hosts    map[string]counts[netip.Addr]
	services map[string]counts[Service]
	names    counts[string] // all names, and the domains that they are below
}

// counts is a set whose members were put in so many times.
type counts[T comparable] map[T]int

func (c counts[T]) drop(v T) {
	if c[v]--; c[v] <= 0 {
		delete(c, v)
	}
}

// NewZone makes an empty Zone below domain, as "mesos".
func NewZone(domain string) *Zone {
	z := &Zone{domain: Domain(domain)}
	z.Reset(nil)
	return z
}

// Domain is what all names end in.
func (z *Zone) Domain() string { return z.domain }

// Serial is another number whenever something has changed.
func (z *Zone) Serial() uint32 {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return z.serial
}

// Reset forgets all, and takes what is told of each owner instead, at once for who asks meanwhile.
func (z *Zone) Reset(owners map[string][]Record) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.serial++
	z.owners, z.names = map[string][]Record{}, counts[string]{z.domain: 1}
	z.hosts, z.services = map[string]counts[netip.Addr]{}, map[string]counts[Service]{}
	for owner, records := range owners {
		z.put(owner, records)
	}
}

// Set replaces the records of an owner; none removes it.
func (z *Zone) Set(owner string, records []Record) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if slices.Equal(z.owners[owner], records) {
		return
	}
	z.serial++
	for _, r := range z.owners[owner] {
		if r.isHost() {
			remove(z.hosts, r.Name, r.Addr)
		} else {
			remove(z.services, r.Name, r.Service)
		}
		z.eachAncestor(r.Name, z.names.drop)
	}
	delete(z.owners, owner)
	z.put(owner, records)
}

func (z *Zone) put(owner string, records []Record) {
	if len(records) > 0 {
		z.owners[owner] = records
	}
	for _, r := range records {
		if r.isHost() {
			add(z.hosts, r.Name, r.Addr)
		} else {
			add(z.services, r.Name, r.Service)
		}
		z.eachAncestor(r.Name, func(n string) { z.names[n]++ })
	}
}

func add[T comparable](to map[string]counts[T], name string, v T) {
	if to[name] == nil {
		to[name] = counts[T]{}
	}
	to[name][v]++
}

func remove[T comparable](from map[string]counts[T], name string, v T) {
	if from[name].drop(v); len(from[name]) == 0 {
		delete(from, name)
	}
}

// eachAncestor visits name and what it is below, up to the Zone's domain.
func (z *Zone) eachAncestor(name string, visit func(string)) {
	for len(name) > len(z.domain) {
		visit(name)
		_, name, _ = strings.Cut(name, ".")
	}
}

// Hosts are the addresses of a name, in order.
func (z *Zone) Hosts(name string) []netip.Addr {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return slices.SortedFunc(maps.Keys(z.hosts[name]), netip.Addr.Compare)
}

// Services are the SRV targets of a name, in order.
func (z *Zone) Services(name string) []Service {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return slices.SortedFunc(maps.Keys(z.services[name]), func(a, b Service) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Port, b.Port))
	})
}

// Exists reports whether something is known of name, or below it.
func (z *Zone) Exists(name string) bool {
	z.mu.RLock()
	defer z.mu.RUnlock()
	return z.names[name] > 0
}
