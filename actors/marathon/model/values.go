package model

import (
	"bytes"
	"encoding/json"
	"strings"
)

// EnvVar is the value of an environment variable, or the name of a secret.
type EnvVar struct{ Value, Secret string }

type secretRef struct {
	Secret string `json:"secret"`
}

// MarshalJSON implements json.Marshaler.
func (e EnvVar) MarshalJSON() ([]byte, error) {
	if e.Secret != "" {
		return json.Marshal(secretRef{e.Secret})
	}
	return json.Marshal(e.Value)
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *EnvVar) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte(`"`)) {
		return json.Unmarshal(b, &e.Value)
	}
	var ref secretRef
	if err := decode(b, &ref); err != nil || ref.Secret == "" {
		return &ValueError{Message: `an environment variable must be a text, or {"secret": NAME}; got ` + string(b)}
	}
	e.Secret = ref.Secret
	return nil
}

// Limit is a number, or none.
type Limit struct {
	Unlimited bool
	Value     float64
}

// MarshalJSON implements json.Marshaler.
func (l Limit) MarshalJSON() ([]byte, error) {
	if l.Unlimited {
		return []byte(`"unlimited"`), nil
	}
	return json.Marshal(l.Value)
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *Limit) UnmarshalJSON(b []byte) error {
	if string(b) == `"unlimited"` {
		l.Unlimited = true
		return nil
	}
	if err := json.Unmarshal(b, &l.Value); err != nil {
		return &ValueError{Message: `a resource limit must be a number or "unlimited"; got ` + string(b)}
	}
	return nil
}

// Constraint says on which agents instances may run, seen beside those that run.
type Constraint struct {
	Field    string // "hostname", "@region", "@zone", or an attribute
	Operator string
	Value    string // "" for none
}

// The operators of constraints.
const (
	Unique  = "UNIQUE"   // no two instances on equal values
	Cluster = "CLUSTER"  // all instances on one value: the given one, or that of the first
	GroupBy = "GROUP_BY" // spread evenly over values, of which there are so many
	Like    = "LIKE"     // the value matches a regular expression
	Unlike  = "UNLIKE"
	MaxPer  = "MAX_PER" // so many instances on each value at most
	Is      = "IS"      // the value is this one
)

// Operators are all operators.
var Operators = []string{Unique, Cluster, GroupBy, Like, Unlike, MaxPer, Is}

type constraintObject struct {
	FieldName string `json:"fieldName"`
	Operator  string `json:"operator"`
	Value     string `json:"value,omitempty"`
}

// MarshalJSON implements json.Marshaler: a list, as apps have it.
func (c Constraint) MarshalJSON() ([]byte, error) {
	list := []string{c.Field, c.Operator}
	if c.Value != "" {
		list = append(list, c.Value)
	}
	return json.Marshal(list)
}

// UnmarshalJSON implements json.Unmarshaler: a list, or an object as pods have it.
func (c *Constraint) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("[")) {
		var list []string
		if err := json.Unmarshal(b, &list); err != nil || len(list) < 2 || len(list) > 3 {
			return &ValueError{Message: `a constraint must be ["FIELD", "OPERATOR"] or ["FIELD", "OPERATOR", "VALUE"]; got ` + string(b)}
		}
		c.Field, c.Operator = list[0], strings.ToUpper(list[1])
		if len(list) == 3 {
			c.Value = list[2]
		}
		return nil
	}
	var o constraintObject
	if err := decode(b, &o); err != nil {
		return &ValueError{Message: `a constraint must be a list, or an object of fieldName, operator and value; got ` + string(b)}
	}
	*c = Constraint{o.FieldName, strings.ToUpper(o.Operator), o.Value}
	return nil
}

// PodConstraint is a constraint that is written as an object.
type PodConstraint struct{ Constraint }

// MarshalJSON implements json.Marshaler.
func (c PodConstraint) MarshalJSON() ([]byte, error) {
	return json.Marshal(constraintObject{c.Field, c.Operator, c.Value})
}

// Unreachable is what becomes of an instance whose agent does not answer.
type Unreachable struct {
	Disabled             bool  // it is waited for
	InactiveAfterSeconds int64 // another is launched beside it
	ExpungeAfterSeconds  int64 // it is given up, and killed if it comes back
}

type unreachableObject struct {
	Inactive int64 `json:"inactiveAfterSeconds"`
	Expunge  int64 `json:"expungeAfterSeconds"`
}

// MarshalJSON implements json.Marshaler.
func (u Unreachable) MarshalJSON() ([]byte, error) {
	if u.Disabled {
		return []byte(`"disabled"`), nil
	}
	return json.Marshal(unreachableObject{u.InactiveAfterSeconds, u.ExpungeAfterSeconds})
}

// UnmarshalJSON implements json.Unmarshaler.
func (u *Unreachable) UnmarshalJSON(b []byte) error {
	*u = Unreachable{}
	if string(b) == `"disabled"` {
		u.Disabled = true
		return nil
	}
	var o unreachableObject
	if err := decode(b, &o); err != nil {
		return &ValueError{Message: `unreachableStrategy must be "disabled", or an object of inactiveAfterSeconds and expungeAfterSeconds; got ` + string(b)}
	}
	u.InactiveAfterSeconds, u.ExpungeAfterSeconds = o.Inactive, o.Expunge
	return nil
}
