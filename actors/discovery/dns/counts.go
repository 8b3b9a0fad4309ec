package dns

import (
	"github.com/miekg/dns"

	"mesos/actors/metrics"
)

// counts are how many queries were answered how.
type counts struct{ answered, unknown, failed, refused *metrics.Counter }

func newCounts(r *metrics.Registry) counts {
	if r == nil {
		r = metrics.NewRegistry()
		r.Close() // nobody asks it
	}
	return counts{
		answered: r.Counter("dns/queries_answered", "Queries for names that are known."),
		unknown:  r.Counter("dns/queries_unknown", "Queries for names that are not known."),
		failed:   r.Counter("dns/queries_failed", "Queries that no resolver answered."),
		refused:  r.Counter("dns/queries_refused", "Queries that are not answered: for other names without resolvers, or of another kind."),
	}
}

// of is the counter of an answer.
func (c counts) of(code int) *metrics.Counter {
	switch code {
	case dns.RcodeSuccess:
		return c.answered
	case dns.RcodeNameError:
		return c.unknown
	case dns.RcodeServerFailure:
		return c.failed
	}
	return c.refused
}
