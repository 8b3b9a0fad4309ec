package job

import (
	"fmt"
	"slices"
	"strings"
)

// Graph is who waits for whom: the parents of each job, by name. A job with a schedule has none.
type Graph map[string][]string

// Check says what is wrong with the graph if a job gets these parents: one that does not exist, or a cycle.
func (g Graph) Check(name string, parents []string) error {
	for _, p := range parents {
		if _, ok := g[p]; !ok {
			return invalid("parents", "there is no job %q", p)
		}
		if way := g.way(p, name, map[string]bool{}); way != nil {
			return invalid("parents", "the job would wait for itself: %s", strings.Join(append([]string{name}, way...), " after "))
		}
	}
	return nil
}

// way goes from a job upwards to another, nil if there is none.
func (g Graph) way(from, to string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	if seen[from] {
		return nil
	}
	seen[from] = true
	for _, p := range g[from] {
		if way := g.way(p, to, seen); way != nil {
			return append([]string{from}, way...)
		}
	}
	return nil
}

// Children are the jobs that wait for one, in order.
func (g Graph) Children(name string) (out []string) {
	for child, parents := range g {
		if slices.Contains(parents, name) {
			out = append(out, child)
		}
	}
	slices.Sort(out)
	return out
}

// names are all jobs, in order.
func (g Graph) names() (out []string) {
	for name := range g {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Dot is the graph in the language of Graphviz, an arrow from each parent to its child.
func (g Graph) Dot() string {
	var b strings.Builder
	b.WriteString("digraph G {\n")
	number := map[string]int{}
	for i, name := range g.names() {
		number[name] = i + 1
		fmt.Fprintf(&b, "  %d [ label=\"%s\" ];\n", i+1, name)
	}
	for _, name := range g.names() {
		for _, child := range g.Children(name) {
			fmt.Fprintf(&b, "  %d -> %d;\n", number[name], number[child])
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// CSV is the graph a line each: node,NAME,LAST,STATE by line, then link,PARENT,CHILD.
func (g Graph) CSV(line func(name string) (last, state string)) string {
	var b strings.Builder
	for _, name := range g.names() {
		last, state := line(name)
		fmt.Fprintf(&b, "node,%s,%s,%s\n", name, last, state)
	}
	for _, name := range g.names() {
		for _, child := range g.Children(name) {
			fmt.Fprintf(&b, "link,%s,%s\n", name, child)
		}
	}
	return b.String()
}
