package authorization

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Parse reads rules as Mesos writes them:
//
//	{"permissive": false, "run_tasks": [{"principals": {"values": ["p"]}, "users": {"type": "ANY"}}]}
//
// What is misspelt, missing or there twice is an error that names it and says what would be right.
func Parse(text []byte) (*Rules, error) {
	list, err := members(text)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	r := &Rules{of: map[Action][]rule{}}
	for _, m := range list {
		if m.name == "permissive" {
			permissive := true
			if err := json.Unmarshal(m.value, &permissive); err != nil {
				return nil, fmt.Errorf("permissive: it is %.50s: want true or false", m.value)
			}
			r.strict = !permissive
			continue
		}
		a := Action(m.name)
		if a.Objects() == "" {
			return nil, fmt.Errorf("there is no action %.100q: want permissive or one of %s", m.name, names())
		}
		var raw []json.RawMessage
		if err := json.Unmarshal(m.value, &raw); err != nil {
			return nil, fmt.Errorf("%s: it is %.50s: want a list of rules", a, m.value)
		}
		for i, text := range raw {
			x, err := parseRule(text, a.Objects())
			if err != nil {
				return nil, fmt.Errorf("%s[%d]: %w", a, i, err)
			}
			r.of[a] = append(r.of[a], x)
		}
	}
	return r, nil
}

func names() string {
	var out []string
	for _, a := range Actions() {
		out = append(out, string(a))
	}
	return strings.Join(out, ", ")
}

func parseRule(text []byte, objects string) (r rule, err error) {
	list, err := members(text)
	if err != nil {
		return r, err
	}
	parts := map[string]*entity{"principals": &r.principals, objects: &r.objects}
	for _, m := range list {
		e := parts[m.name]
		if e == nil {
			return r, fmt.Errorf("there is no field %.100q: want principals and %s", m.name, objects)
		}
		if *e, err = parseEntity(m.value); err != nil {
			return r, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	for _, name := range []string{"principals", objects} {
		if parts[name].kind == "" {
			return r, fmt.Errorf("%s is missing: a rule has principals and %s", name, objects)
		}
	}
	return r, nil
}

// kinds may be written; [some] need not.
var kinds = []kind{some, all, none}

func parseEntity(text []byte) (e entity, err error) {
	list, err := members(text)
	if err != nil {
		return e, err
	}
	e.kind = some
	for _, m := range list {
		switch m.name {
		case "type":
			err = json.Unmarshal(m.value, &e.kind)
			if err != nil || !slices.Contains(kinds, e.kind) {
				return e, fmt.Errorf("type: it is %.50s: want ANY, NONE or, with values, SOME", m.value)
			}
		case "values":
			if err = json.Unmarshal(m.value, &e.values); err != nil {
				return e, fmt.Errorf("values: it is %.50s: want a list of strings", m.value)
			}
		default:
			return e, fmt.Errorf("there is no field %.100q: want values, or type with ANY or NONE", m.name)
		}
	}
	switch {
	case e.kind == some && e.values == nil:
		return e, errors.New(`it names nobody and nothing: want {"values":["x"]}, {"type":"ANY"} or {"type":"NONE"}`)
	case e.kind != some && len(e.values) > 0:
		return e, fmt.Errorf("values: they have no meaning beside the type %s: want one of both", e.kind)
	}
	return e, nil
}

// member is one of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members are those of an object in their order. One that is there twice would be passed over in silence by others: of
// rules that is worse than an error.
func members(text []byte) (out []member, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("%.50q is no JSON object", text)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("JSON: %w", err)
		}
		m := member{name: name.(string)} // the decoder takes nothing else for a name
		if err := d.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("JSON of %.100q: %w", m.name, err)
		}
		if slices.ContainsFunc(out, func(o member) bool { return o.name == m.name }) {
			return nil, fmt.Errorf("%.100q is there twice", m.name)
		}
		out = append(out, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("JSON: %w", err)
	}
	if d.More() {
		return nil, errors.New("JSON: something follows the object")
	}
	return out, nil
}
