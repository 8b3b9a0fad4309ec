package resources

import "fmt"

// Error says which part of a list of resources is not valid, and the rule.
type Error struct {
	Index int    // of the entry in the list; -1 if the sum of several is meant
	Name  string // of the resource, "" if it has none
	Field string // such as "scalar.value" or "reservations[1].role"
	Rule  string // such as "-1 must not be negative"
}

func (e *Error) Error() string {
	where := "resources"
	if e.Index >= 0 {
		where = fmt.Sprintf("resources[%d]", e.Index)
	}
	if e.Name != "" {
		where += fmt.Sprintf(" %.60q", e.Name)
	}
	return where + ": " + e.Field + " " + e.Rule
}

// fault is an Error that does not yet know its entry.
func fault(field, rule string, args ...any) *Error {
	if len(args) > 0 {
		rule = fmt.Sprintf(rule, args...)
	}
	return &Error{Field: field, Rule: rule}
}

// firstFault returns the first that is not nil.
func firstFault(faults ...*Error) *Error {
	for _, f := range faults {
		if f != nil {
			return f
		}
	}
	return nil
}
