package explain

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"mesos/actors/allocator"
)

// String prints amounts for people: "4 cpus, 8192 MB mem".
func (a Amounts) String() string {
	var parts []string
	for _, name := range names(a) {
		unit := ""
		if name == "mem" || name == "disk" {
			unit = "MB "
		}
		parts = append(parts, number(a[name])+" "+unit+name)
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func names(a Amounts) []string { return slices.Sorted(maps.Keys(a)) }

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }

func seconds(s float64) string {
	return (time.Duration(s * float64(time.Second))).Truncate(time.Second).String()
}

func agents(n int) string {
	if n == 1 {
		return "1 agent"
	}
	return strconv.Itoa(n) + " agents"
}

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func orID(name, id string) string {
	if name == "" {
		return id
	}
	return name
}

// phrase says a reason of the allocator to who does not know its words.
func phrase(reason string) string {
	if p, ok := phrases[reason]; ok {
		return p
	}
	return reason
}

var phrases = map[string]string{
	allocator.Offerable.String():         "nothing stands in the way: the next offer is on its way",
	allocator.Filtered.String():          "the framework refused it",
	allocator.QuotaLimit.String():        "a quota limit leaves no room",
	allocator.Headroom.String():          "what is free is kept for what other roles are guaranteed",
	allocator.Suppressed.String():        "the framework wants no offers",
	allocator.InactiveFramework.String(): "the framework is not connected",
	allocator.InactiveAgent.String():     "the agent is not connected, or deactivated",
	allocator.Capability.String():        "the framework lacks the capability for such agents (GPUs, or another region)",
	allocator.Unwanted.String():          "the framework's offer constraints exclude it",
	allocator.Minimum.String():           "what the role may use of it is too little for an offer",
	allocator.AnothersTurn.String():      "what it has is offered to or used by others",
	allocator.Unlisted.String():          "the master's whitelist of hosts does not have it (--whitelist)",
}

// text says one reason with its figures. share is that of the role explained.
func (r Reason) text(share float64) string {
	out := agents(r.Agents) + ": " + phrase(r.Reason)
	var roles []string
	for _, s := range r.Roles {
		if r.Reason == allocator.AnothersTurn.String() {
			roles = append(roles, fmt.Sprintf("%s (share %s)", s.Role, percent(s.Share)))
		} else {
			roles = append(roles, s.Role)
		}
	}
	if len(roles) > 0 {
		switch r.Reason {
		case allocator.QuotaLimit.String():
			out += ", that of role " + strings.Join(roles, ", ")
		case allocator.Headroom.String():
			out += ": role " + strings.Join(roles, ", ")
		default:
			out += fmt.Sprintf(", in role %s; this role's share is %s", strings.Join(roles, ", "), percent(share))
		}
	}
	if r.Until != "" {
		out += ", the first refusal ends at " + r.Until
	}
	if len(r.Missing) > 0 {
		out += fmt.Sprintf("; nearest is %s, which lacks %s", r.Hostname, r.Missing)
	}
	return out
}

func (p *Pause) lines() []string {
	if p == nil {
		return nil
	}
	return []string{fmt.Sprintf("nothing is offered to anybody yet: since quotas are set, this new master waits for %d agents to come back (%d are here), at most until %s",
		p.AgentsNeeded, p.AgentsHere, p.Until)}
}

// hoarderLines name those who keep others waiting. The one that is explained is
// told of its own offers elsewhere.
func hoarderLines(all []Hoarder, but string) []string {
	var out []string
	for _, h := range all {
		if h.FrameworkID != but {
			out = append(out, fmt.Sprintf("hoarder: framework %s (%s) has left %d offers unanswered, the oldest for %s: %s",
				h.Name, h.FrameworkID, h.Offers, seconds(h.Oldest), h.Resources))
		}
	}
	return out
}

func refusals(n int) string {
	if n == 1 {
		return "1 refusal of its frameworks holds"
	}
	return fmt.Sprintf("%d refusals of its frameworks hold", n)
}
