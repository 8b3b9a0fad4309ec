package fault

import (
	"fmt"
	"strings"
)

// Text writes a timeline for people, one message a line.
func Text(events []Event) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%s  %s -> %s  %s", e.At.UTC().Format("15:04:05.000000"), e.From, e.To, e.Message)
		if e.Did != "" {
			fmt.Fprintf(&b, "  [%s]", e.Did)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Mermaid writes a timeline as a sequence diagram in Mermaid's notation. A message that did not pass has a crossed
// arrow, and what was done to it stands with its name.
func Mermaid(events []Event) string {
	var b strings.Builder
	b.WriteString("sequenceDiagram\n")
	names := map[string]string{}
	name := func(upid string) string {
		if _, known := names[upid]; !known {
			names[upid] = fmt.Sprintf("p%d", len(names)+1)
			fmt.Fprintf(&b, "    participant %s as %s\n", names[upid], mermaidText(upid))
		}
		return names[upid]
	}
	for _, e := range events { // first: the notation wants its participants before the messages
		name(e.From)
		name(e.To)
	}
	for _, e := range events {
		arrow, did := "->>", ""
		if e.Did != "" {
			did = " [" + e.Did + "]"
			if lost(e.Did) {
				arrow = "-x"
			}
		}
		fmt.Fprintf(&b, "    %s%s%s: %s\n", name(e.From), arrow, name(e.To), mermaidText(e.Message+did))
	}
	return b.String()
}

// lost says that a message did not arrive.
func lost(did string) bool {
	for _, word := range []string{"dropped", "lost", "corrupted beyond"} {
		if strings.HasPrefix(did, word) {
			return true
		}
	}
	return false
}

// mermaidText hides what would end a text in that notation.
func mermaidText(s string) string {
	if s == "" {
		return "nobody"
	}
	return strings.NewReplacer(";", ",", "#", "", "\n", " ").Replace(s)
}
