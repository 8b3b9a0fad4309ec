package authorization

import (
	"fmt"
	"slices"
	"strings"
)

// Rules are those of all actions. Nobody changes them.
type Rules struct {
	strict bool // not permissive
	of     map[Action][]rule
}

// rule is one of an action.
type rule struct{ principals, objects entity }

// entity is whom or what a rule is about.
type entity struct {
	kind   kind
	values []string
}

type kind string

const (
	some kind = "SOME" // the values
	all  kind = "ANY"
	none kind = "NONE" // all, who are refused
)

// is says whether an entity is about a value. "" stands for anyone, or anything: rules that name values are not about it.
func (e *entity) is(value string, roles bool) bool {
	if e.kind != some {
		return true
	}
	return value != "" && slices.ContainsFunc(e.values, func(v string) bool {
		return v == value || roles && strings.HasSuffix(v, "/%") && strings.HasPrefix(value, v[:len(v)-1])
	})
}

func (r *rule) refuses() bool { return r.principals.kind == none || r.objects.kind == none }

// Denied is a refusal.
type Denied struct {
	Action    Action
	Principal string // "" for nobody who is known
	Object    string // "" for all that there are
	Rule      int    // that refuses, in its list; -1 if none is about this, and others are not permitted
	Words     string // Mesos's for it, in front of why; "": none
}

// Error tells what is refused to whom, and by which rule.
func (d *Denied) Error() string {
	if d.Words == "" {
		return d.why()
	}
	return d.Words + ": " + d.why()
}

// say puts Mesos's words in front of a refusal; its clients, and their users, look for them.
func (d *Denied) say(words string) error {
	if d == nil {
		return nil
	}
	d.Words = words
	return d
}

func (d *Denied) why() string {
	who, what := "nobody who is known", "any "+strings.ReplaceAll(d.Action.Objects(), "_", " ")
	if d.Principal != "" {
		who = fmt.Sprintf("the principal %.100q", d.Principal)
	}
	if d.Object != "" {
		what = fmt.Sprintf("%s %.100q", strings.ReplaceAll(d.Action.Objects(), "_", " "), d.Object)
	}
	if d.Rule < 0 {
		return fmt.Sprintf("no rule %s of --acls is about %s and %s, and permissive is false", d.Action, who, what)
	}
	return fmt.Sprintf("the rule %s[%d] of --acls refuses %s to %s", d.Action, d.Rule, what, who)
}

// Check asks whether a principal, "" for nobody who is known, may do something to an object, "" for any; the error is
// a *[Denied].
func (r *Rules) Check(a Action, principal, object string) error {
	if d := r.check(a, principal, object); d != nil {
		return d
	}
	return nil
}

func (r *Rules) check(a Action, principal, object string) *Denied {
	if r == nil {
		return nil
	}
	roles := a.Objects() == "roles"
	for i := range r.of[a] {
		if x := &r.of[a][i]; x.principals.is(principal, false) && x.objects.is(object, roles) {
			if x.refuses() {
				return &Denied{Action: a, Principal: principal, Object: object, Rule: i}
			}
			return nil
		}
	}
	if r.strict {
		return &Denied{Action: a, Principal: principal, Object: object, Rule: -1}
	}
	return nil
}

// Approved is [Rules.Check] without a reason.
func (r *Rules) Approved(a Action, principal, object string) bool {
	return r.check(a, principal, object) == nil
}

// CheckAll asks whether a principal may do something to every object that there can be. It is for what shows all
// things at once, where one is as good as all.
func (r *Rules) CheckAll(a Action, principal string) error {
	if r == nil {
		return nil
	}
	for i := range r.of[a] {
		switch x := &r.of[a][i]; {
		case !x.principals.is(principal, false):
		case x.refuses():
			return &Denied{Action: a, Principal: principal, Rule: i}
		case x.objects.kind == all:
			return nil
		}
	}
	if r.strict {
		return &Denied{Action: a, Principal: principal, Rule: -1}
	}
	return nil
}
