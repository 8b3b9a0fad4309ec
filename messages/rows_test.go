package messages_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// row is one fact of the wire: a field, an enum value, or (with only Key and
// File set) a message without fields. Two rows are the same fact when they are
// equal as values.
type row struct {
	Parent     string // full name of the message or enum
	Name       string // field or value name; "" for a message without fields
	Number     string
	Label      string // optional, required, repeated, map; "" for enum values
	Type       string
	Default    string
	Oneof      string
	Deprecated string // "deprecated" or ""
	File       string
	Syntax     string // proto2, proto3; "" for enum values
}

// Key names the row among all others.
func (r row) Key() string {
	if r.Name == "" {
		return r.Parent
	}
	return r.Parent + "." + r.Name
}

const (
	messagesHeader = "package\tmessage\tfield\tnumber\tlabel\ttype\tdefault\toneof\toptions\tfile\tsyntax"
	enumsHeader    = "enum\tvalue\tnumber\tfile"
)

func parseMessages(r io.Reader) ([]row, error) {
	return parseTable(r, messagesHeader, func(c []string) row {
		return row{
			Parent: c[0] + "." + c[1], Name: c[2], Number: c[3], Label: c[4], Type: c[5],
			Default: c[6], Oneof: c[7], Deprecated: c[8], File: c[9], Syntax: c[10],
		}
	})
}

func parseEnums(r io.Reader) ([]row, error) {
	return parseTable(r, enumsHeader, func(c []string) row {
		return row{Parent: c[0], Name: c[1], Number: c[2], File: c[3]}
	})
}

func parseTable(r io.Reader, header string, make func([]string) row) ([]row, error) {
	var rows []row
	columns := strings.Count(header, "\t") + 1
	lines := bufio.NewScanner(r)
	if !lines.Scan() || lines.Text() != header {
		return nil, fmt.Errorf("header: got %q, want %q", lines.Text(), header)
	}
	for n := 2; lines.Scan(); n++ {
		cells := strings.Split(lines.Text(), "\t")
		if len(cells) != columns {
			return nil, fmt.Errorf("line %d: got %d columns, want %d", n, len(cells), columns)
		}
		rows = append(rows, make(cells))
	}
	return rows, lines.Err()
}

// tableRows reads testdata/<name>_messages.tsv followed by testdata/<name>_enums.tsv.
func tableRows(t *testing.T, name string) []row {
	t.Helper()
	var all []row
	for _, part := range []struct {
		file  string
		parse func(io.Reader) ([]row, error)
	}{
		{"testdata/" + name + "_messages.tsv", parseMessages},
		{"testdata/" + name + "_enums.tsv", parseEnums},
	} {
		f, err := os.Open(part.file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := part.parse(f)
		if err != nil {
			t.Fatalf("%s: %v", part.file, err)
		}
		if len(rows) == 0 {
			t.Fatalf("%s: no rows", part.file)
		}
		all = append(all, rows...)
	}
	return all
}
