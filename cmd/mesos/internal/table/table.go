// Package table prints rows as columns of equal width, for people. The subcommands of mesos call it; it never cuts a
// cell or sorts, and colours only if asked, so that output can be piped into other programs.
package table

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"
)

const gap = "  "

// Write prints the header and the rows, each cell as wide as its column's widest. Every row has as many cells as the
// header. Line breaks and tabs in cells become spaces; an empty cell is "-", so that columns can be counted.
func Write(w io.Writer, header []string, rows [][]string) error {
	return WritePainted(w, header, rows, func(_, _ int, cell string) string { return cell })
}

// WritePainted is Write with paint called for each cell as it is printed: row -1 is the header's. What paint adds takes
// no room.
func WritePainted(w io.Writer, header []string, rows [][]string, paint func(row, column int, cell string) string) error {
	all := append([][]string{header}, rows...)
	width := make([]int, len(header))
	for i, row := range all {
		all[i] = make([]string, len(row))
		for c, cell := range row {
			all[i][c] = oneLine(cell)
			width[c] = max(width[c], utf8.RuneCountInString(all[i][c]))
		}
	}
	b := bufio.NewWriter(w)
	for i, row := range all {
		for c, cell := range row {
			_, _ = b.WriteString(paint(i-1, c, cell)) // Flush tells of an error
			if c < len(row)-1 {
				_, _ = b.WriteString(strings.Repeat(" ", width[c]-utf8.RuneCountInString(cell)) + gap)
			}
		}
		_ = b.WriteByte('\n')
	}
	return b.Flush()
}

func oneLine(cell string) string {
	cell = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, cell)
	if cell == "" {
		return "-"
	}
	return cell
}
