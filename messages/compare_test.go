package messages_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// difference is one disagreement between a table and the compiled descriptors.
type difference struct {
	Key  string // row key, or the message for a difference of order
	Text string // what differs, in words
}

// compare reports every row of table that is not compiled or is compiled
// differently, every compiled row that the table lacks, and every message or
// enum whose common rows are declared in another order (JSON output follows
// declaration order, so order is a fact of the wire too).
func compare(table, compiled []row) []difference {
	var diffs []difference
	got := map[string]row{}
	for _, r := range compiled {
		got[r.Key()] = r
	}
	want := map[string]bool{}
	for _, r := range table {
		if want[r.Key()] {
			diffs = append(diffs, difference{r.Key(), "is twice in the table"})
			continue
		}
		want[r.Key()] = true
		if g, ok := got[r.Key()]; !ok {
			diffs = append(diffs, difference{r.Key(), "is in the table but not compiled"})
		} else if text := unlike(r, g); text != "" {
			diffs = append(diffs, difference{r.Key(), text})
		}
	}
	for _, r := range compiled {
		if !want[r.Key()] {
			diffs = append(diffs, difference{r.Key(), "is compiled but not in the table"})
		}
	}
	return append(diffs, compareOrder(table, compiled, want, got)...)
}

// unlike names the columns in which two rows of one key differ.
func unlike(table, compiled row) string {
	var parts []string
	t, c := reflect.ValueOf(table), reflect.ValueOf(compiled)
	for i := range t.NumField() {
		if tv, cv := t.Field(i).String(), c.Field(i).String(); tv != cv {
			column := strings.ToLower(t.Type().Field(i).Name)
			parts = append(parts, fmt.Sprintf("%s: table %q, compiled %q", column, tv, cv))
		}
	}
	return strings.Join(parts, "; ")
}

func compareOrder(table, compiled []row, want map[string]bool, got map[string]row) []difference {
	order := func(rows []row, common func(string) bool) (parents []string, names map[string][]string) {
		names = map[string][]string{}
		for _, r := range rows {
			if r.Name == "" || !common(r.Key()) || slices.Contains(names[r.Parent], r.Name) {
				continue
			}
			if names[r.Parent] == nil {
				parents = append(parents, r.Parent)
			}
			names[r.Parent] = append(names[r.Parent], r.Name)
		}
		return parents, names
	}
	parents, wantNames := order(table, func(k string) bool { _, ok := got[k]; return ok })
	_, gotNames := order(compiled, func(k string) bool { return want[k] })
	var diffs []difference
	for _, p := range parents {
		if !slices.Equal(wantNames[p], gotNames[p]) {
			diffs = append(diffs, difference{p, fmt.Sprintf("order: table %v, compiled %v", wantNames[p], gotNames[p])})
		}
	}
	return diffs
}
