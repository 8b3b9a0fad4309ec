package conformance

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// matrix is what is printed: how many cases held, by call (or event, or endpoint), encoding and whether the input was good.
type matrix struct {
	mu    sync.Mutex
	title string
	order []string
	cells map[string]*cells
}

// cells are the columns of one line, in the order of columns.
type cells [4]struct{ held, failed int }

var columns = []string{"json good", "json bad", "protobuf good", "protobuf bad"}

func newMatrix(title string, lines []string) *matrix {
	m := &matrix{title: title, order: lines, cells: map[string]*cells{}}
	for _, l := range lines {
		m.cells[l] = &cells{}
	}
	return m
}

// note enters one case.
func (m *matrix) note(t *testing.T, line string, e encoding, good, held bool) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.cells[line]
	if c == nil {
		t.Errorf("%s: %s is not part of the protocol", m.title, line)
		return
	}
	column := 2 * int(e)
	if !good {
		column++
	}
	if held {
		c[column].held++
	} else {
		c[column].failed++
	}
}

// print shows the matrix and fails for empty cells. want says which columns a line must fill.
func (m *matrix) print(t *testing.T, want func(line string, column int) bool) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%-34s", m.title, "")
	for _, c := range columns {
		fmt.Fprintf(&b, "%15s", c)
	}
	for _, line := range m.order {
		fmt.Fprintf(&b, "\n%-34s", line)
		for i, c := range m.cells[line] {
			text := "-"
			switch {
			case c.failed > 0:
				text = fmt.Sprintf("%d FAILED", c.failed)
			case c.held > 0:
				text = fmt.Sprintf("%d ok", c.held)
			case want(line, i):
				text = "MISSING"
				t.Errorf("%s: %s has no case for %s input", m.title, line, columns[i])
			}
			fmt.Fprintf(&b, "%15s", text)
		}
	}
	t.Log(b.String())
}
