package api

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// embed is what an answer is to hold beside definitions.
type embed []string

// embeds reads embed=apps.tasks and the like; otherwise is what there is without any.
func embeds(q url.Values, otherwise ...string) embed {
	var e embed
	for _, v := range q["embed"] {
		_, name, ok := strings.Cut(v, ".")
		if !ok {
			name = v
		}
		e = append(e, name)
	}
	if len(e) == 0 {
		return otherwise
	}
	return e
}

func (e embed) has(name string) bool { return slices.Contains(e, name) }

var setTerm = regexp.MustCompile(`^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$`)

// selector reads a label selector: terms with commas between, all of which must
// hold: "env==prod", "env!=test", "tier in (web, db)", "tier notin (x)", "tier".
func selector(text string) (func(map[string]string) bool, error) {
	var terms []func(map[string]string) bool
	for _, t := range splitTerms(text) {
		f, err := term(t)
		if err != nil {
			return nil, err
		}
		terms = append(terms, f)
	}
	return func(l map[string]string) bool {
		for _, f := range terms {
			if !f(l) {
				return false
			}
		}
		return true
	}, nil
}

// splitTerms cuts at commas outside of brackets.
func splitTerms(text string) (out []string) {
	depth, from := 0, 0
	for i, r := range text + "," {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				if t := strings.TrimSpace((text + ",")[from:i]); t != "" {
					out = append(out, t)
				}
				from = i + 1
			}
		}
	}
	return out
}

func term(t string) (func(map[string]string) bool, error) {
	if m := setTerm.FindStringSubmatch(t); m != nil {
		var values []string
		for v := range strings.SplitSeq(m[3], ",") {
			values = append(values, strings.TrimSpace(v))
		}
		return func(l map[string]string) bool {
			v, ok := l[m[1]]
			return ok && slices.Contains(values, v) == (m[2] == "in")
		}, nil
	}
	if k, v, ok := strings.Cut(t, "!="); ok {
		return func(l map[string]string) bool { return l[strings.TrimSpace(k)] != strings.TrimSpace(v) }, nil
	}
	if k, v, ok := strings.Cut(t, "="); ok {
		v = strings.TrimPrefix(v, "=")
		return func(l map[string]string) bool { return l[strings.TrimSpace(k)] == strings.TrimSpace(v) }, nil
	}
	if strings.ContainsAny(t, " ()") {
		return nil, fmt.Errorf("label: %q is no term like KEY, KEY==VALUE, KEY!=VALUE or KEY in (A, B)", t)
	}
	return func(l map[string]string) bool { _, ok := l[t]; return ok }, nil
}
