package main

import (
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"mesos/cmd/mesos/internal/table"
	"mesos/cmd/mesos/internal/terminal"
	"mesos/cmd/mesos/internal/yaml"
)

// forms are what --output knows. A table is for people, wide has more columns; the others are for programs.
var forms = []string{"table", "wide", "json", "yaml"}

func outputFlag() cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: "table", Usage: "`FORM` of the output: table, wide, json or yaml"}
}

// checkForm complains about an --output that is not known.
func checkForm(c *cli.Context) error {
	if o := c.String("output"); !slices.Contains(forms, o) {
		return usageError(c, "--output=%s is not known: it is table, wide, json or yaml", o)
	}
	return nil
}

// printed prints v if --output asks for a form for programs.
func printed(c *cli.Context, w io.Writer, v any) (done bool, err error) {
	switch c.String("output") {
	case "json":
		return true, printJSON(w, v)
	case "yaml":
		return true, yaml.Write(w, v)
	}
	return false, nil
}

// printJSON prints v for programs: two spaces deep, ending in a line break.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// column is one thing that a table tells of each line.
type column[T any] struct {
	name  string
	text  func(line T, now time.Time) string
	wide  bool // in -o wide and in `show` alone
	state bool // its word says how it goes, and may be coloured so
}

// printList prints lines as --output says.
func printList[T any](c *cli.Context, w io.Writer, columns []column[T], lines []T) error {
	if done, err := printed(c, w, lines); done {
		return err
	}
	columns = slices.DeleteFunc(slices.Clone(columns), func(col column[T]) bool { return col.wide && c.String("output") != "wide" })
	header, now := []string{}, time.Now()
	for _, col := range columns {
		header = append(header, col.name)
	}
	var rows [][]string
	for _, l := range lines {
		var row []string
		for _, col := range columns {
			row = append(row, col.text(l, now))
		}
		rows = append(rows, row)
	}
	if !colours(c) {
		return table.Write(w, header, rows)
	}
	return table.WritePainted(w, header, rows, func(row, col int, cell string) string {
		switch {
		case row < 0:
			return bold(cell)
		case columns[col].state:
			return paintState(cell)
		}
		return cell
	})
}

// printOne prints one line as --output says, every column on a line of its own.
func printOne[T any](c *cli.Context, w io.Writer, columns []column[T], line T) error {
	if done, err := printed(c, w, line); done {
		return err
	}
	var rows [][]string
	now := time.Now()
	for _, col := range columns[1:] {
		rows = append(rows, []string{col.name, col.text(line, now)})
	}
	return table.Write(w, []string{columns[0].name, columns[0].text(line, now)}, rows)
}

// colours says whether people look at the output and want it coloured; see no-color.org.
func colours(c *cli.Context) bool {
	out, ok := c.App.Writer.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && terminal.Is(out)
}

func bold(s string) string { return "\x1b[1m" + s + "\x1b[0m" }

// paintState makes good words green, those that wait yellow, bad ones red.
func paintState(cell string) string {
	switch strings.TrimSpace(cell) {
	case "active", "running", "finished":
		return "\x1b[32m" + cell + "\x1b[0m"
	case "staging", "starting", "killing", "draining", "drained", "deactivated", "inactive", "recovered", "unreachable":
		return "\x1b[33m" + cell + "\x1b[0m"
	case "failed", "lost", "error", "dropped", "gone", "gone_by_operator", "disconnected":
		return "\x1b[31m" + cell + "\x1b[0m"
	}
	return cell
}
