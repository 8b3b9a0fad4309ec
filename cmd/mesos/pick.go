package main

import (
	"errors"
	"fmt"
	"strings"
)

const named = "The beginning of an id is enough, and so is what stands behind its last dash, if no other has it.\n\n"

// errUnknown is part of the error of a word that means nothing.
var errUnknown = errors.New("is known")

// pick finds the one line that a person means. The whole id counts most, then the other name, then the beginning of
// an id, then its end behind the last dash: ids of agents and frameworks begin alike. other may be nil.
func pick[T any](lines []T, noun, word string, id, other func(T) string) (T, error) {
	var none T
	for _, fits := range []func(T) bool{
		func(l T) bool { return id(l) == word },
		func(l T) bool { return other != nil && other(l) == word },
		func(l T) bool { return word != "" && strings.HasPrefix(id(l), word) },
		func(l T) bool { return strings.HasSuffix(id(l), "-"+word) },
	} {
		var found []T
		for _, l := range lines {
			if fits(l) {
				found = append(found, l)
			}
		}
		switch len(found) {
		case 0:
			continue
		case 1:
			return found[0], nil
		}
		return none, fmt.Errorf("%d %ss are meant by %q: write more of the id: %s", len(found), noun, word, some(found, id))
	}
	return none, fmt.Errorf("no %s %w by %q: `mesos %s list` lists them", noun, errUnknown, word, noun)
}

// some prints a few of many.
func some[T any](lines []T, name func(T) string) string {
	const most = 5
	var out []string
	for i, l := range lines {
		if i == most {
			out = append(out, fmt.Sprintf("and %d more", len(lines)-most))
			break
		}
		out = append(out, name(l))
	}
	return strings.Join(out, ", ")
}
