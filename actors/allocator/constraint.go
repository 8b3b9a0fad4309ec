package allocator

import (
	"fmt"
	"regexp"
	"regexp/syntax"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// Constraint says which agents a framework wants offers of in a role: those that
// fulfil all predicates of one group. It does not change.
type Constraint struct {
	groups [][]predicate
}

// predicate is a test of one attribute or pseudo-attribute.
type predicate struct {
	selects func(a *Agent) (attribute, bool) // false: the agent has none
	absent  bool                             // the outcome if there is none
	other   bool                             // the outcome for a value that is no text
	holds   func(text string) bool
}

// attribute is a value of an agent; only texts are looked into.
type attribute struct {
	text   string
	isText bool
}

// Admits says whether the framework wants offers of the agent.
func (c *Constraint) Admits(a *Agent) bool {
	for _, group := range c.groups {
		if admits(group, a) {
			return true
		}
	}
	return false
}

func admits(group []predicate, a *Agent) bool {
	for _, p := range group {
		if !p.test(a) {
			return false
		}
	}
	return true
}

func (p predicate) test(a *Agent) bool {
	value, exists := p.selects(a)
	switch {
	case !exists:
		return p.absent
	case !value.isText:
		return p.other
	}
	return p.holds(value.text)
}

// RegexpLimits bound the regular expressions of offer constraints. 0 means the
// defaults of the flags --offer_constraints_re2_max_mem (4096 bytes) and
// --offer_constraints_re2_max_program_size (100 instructions).
type RegexpLimits struct {
	MaxMemory      int64 // bytes, by RE2's own count, see [compileRegexp]
	MaxProgramSize int   // instructions
}

// CompileConstraints turns the offer constraints of a framework into those of its
// roles. An error names the field that is wrong.
func CompileConstraints(o *schedulerv1.OfferConstraints, limits RegexpLimits) (map[string]*Constraint, error) {
	out := map[string]*Constraint{}
	for _, role := range sortedKeys(o.GetRoleConstraints()) {
		field := fmt.Sprintf("offer_constraints.role_constraints[%q].groups", role)
		groups := o.GetRoleConstraints()[role].GetGroups()
		if len(groups) == 0 {
			return nil, fmt.Errorf("%s is empty: give at least one group, or leave the role out to have offers of any agent", field)
		}
		c := &Constraint{}
		for i, g := range groups {
			group, err := compileGroup(g, limits)
			if err != nil {
				return nil, fmt.Errorf("%s[%d].%w", field, i, err)
			}
			c.groups = append(c.groups, group)
		}
		out[role] = c
	}
	return out, nil
}

func compileGroup(g *schedulerv1.OfferConstraints_RoleConstraints_Group, limits RegexpLimits) ([]predicate, error) {
	if len(g.GetAttributeConstraints()) == 0 {
		return nil, fmt.Errorf("attribute_constraints is empty: give at least one constraint")
	}
	var group []predicate
	for i, a := range g.GetAttributeConstraints() {
		p, err := compilePredicate(a.GetPredicate(), limits)
		if err == nil {
			p.selects, err = selector(a.GetSelector())
		}
		if err != nil {
			return nil, fmt.Errorf("attribute_constraints[%d].%w", i, err)
		}
		group = append(group, p)
	}
	return group, nil
}

func selector(s *schedulerv1.AttributeConstraint_Selector) (func(*Agent) (attribute, bool), error) {
	text := func(s string) attribute { return attribute{text: s, isText: true} }
	switch s.GetSelector().(type) {
	case *schedulerv1.AttributeConstraint_Selector_AttributeName:
		return func(a *Agent) (attribute, bool) { return firstAttribute(a.Attributes, s.GetAttributeName()) }, nil
	case *schedulerv1.AttributeConstraint_Selector_PseudoattributeType_:
		switch s.GetPseudoattributeType() {
		case schedulerv1.AttributeConstraint_Selector_HOSTNAME:
			return func(a *Agent) (attribute, bool) { return text(a.Hostname), true }, nil
		case schedulerv1.AttributeConstraint_Selector_REGION:
			return func(a *Agent) (attribute, bool) {
				d := a.Domain.GetFaultDomain()
				return text(d.GetRegion().GetName()), d != nil
			}, nil
		case schedulerv1.AttributeConstraint_Selector_ZONE:
			return func(a *Agent) (attribute, bool) {
				d := a.Domain.GetFaultDomain()
				return text(d.GetZone().GetName()), d != nil
			}, nil
		}
		return nil, fmt.Errorf("selector.pseudoattribute_type %v is unknown: HOSTNAME, REGION and ZONE are known", s.GetPseudoattributeType())
	}
	return nil, fmt.Errorf("selector is missing: set attribute_name or pseudoattribute_type")
}

// firstAttribute is the first attribute of that name; others are not looked at.
func firstAttribute(all []*v1.Attribute, name string) (attribute, bool) {
	for _, a := range all {
		if a.GetName() == name {
			return attribute{text: a.GetText().GetValue(), isText: a.GetType() == v1.Value_TEXT}, true
		}
	}
	return attribute{}, false
}

// compilePredicate knows the outcomes: a predicate that asks for a text holds
// for values that are none, and one that asks for a difference holds for agents
// without the attribute.
func compilePredicate(p *schedulerv1.AttributeConstraint_Predicate, limits RegexpLimits) (predicate, error) {
	always := func(string) bool { return true }
	switch kind := p.GetPredicate().(type) {
	case *schedulerv1.AttributeConstraint_Predicate_Exists_:
		return predicate{other: true, holds: always}, nil
	case *schedulerv1.AttributeConstraint_Predicate_NotExists_:
		return predicate{absent: true, holds: func(string) bool { return false }}, nil
	case *schedulerv1.AttributeConstraint_Predicate_TextEquals_:
		want := kind.TextEquals.GetValue()
		return predicate{other: true, holds: func(s string) bool { return s == want }}, nil
	case *schedulerv1.AttributeConstraint_Predicate_TextNotEquals_:
		want := kind.TextNotEquals.GetValue()
		return predicate{absent: true, other: true, holds: func(s string) bool { return s != want }}, nil
	case *schedulerv1.AttributeConstraint_Predicate_TextMatches_:
		re, err := compileRegexp(kind.TextMatches.GetRegex(), limits)
		if err != nil {
			return predicate{}, fmt.Errorf("predicate.text_matches.%w", err)
		}
		return predicate{other: true, holds: re.MatchString}, nil
	case *schedulerv1.AttributeConstraint_Predicate_TextNotMatches_:
		re, err := compileRegexp(kind.TextNotMatches.GetRegex(), limits)
		if err != nil {
			return predicate{}, fmt.Errorf("predicate.text_not_matches.%w", err)
		}
		return predicate{absent: true, other: true, holds: func(s string) bool { return !re.MatchString(s) }}, nil
	}
	return predicate{}, fmt.Errorf("predicate is missing or unknown: set one of exists, not_exists, text_equals, text_not_equals, text_matches, text_not_matches")
}

// compileRegexp compiles an expression that must match the whole text. Go's
// expressions are RE2's, and so is the bound on the program's size. RE2 gives two
// thirds of its memory to the program, 16 bytes an instruction; Go's programs
// have other sizes in memory, so that count is what max_mem bounds here.
func compileRegexp(text string, limits RegexpLimits) (*regexp.Regexp, error) {
	if limits.MaxMemory <= 0 {
		limits.MaxMemory = 4096
	}
	if limits.MaxProgramSize <= 0 {
		limits.MaxProgramSize = 100
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("regex %q: %w", text, err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("regex %q: %w", text, err)
	}
	size := len(program.Inst)
	if size > limits.MaxProgramSize {
		return nil, fmt.Errorf("regex %q is too complex: it has %d instructions, at most %d are allowed", text, size, limits.MaxProgramSize)
	}
	if need := int64(size) * 16 * 3 / 2; need > limits.MaxMemory {
		return nil, fmt.Errorf("regex %q is too complex: it needs %d bytes, at most %d are allowed", text, need, limits.MaxMemory)
	}
	return regexp.Compile(`^(?:` + text + `)$`)
}
