package registry

import (
	"errors"
	"fmt"
	"testing"
)

func TestSplit(t *testing.T) {
	row := func(n int) Row { return Row{Table: "agents", Key: fmt.Sprint(n), Value: make([]byte, n)} }
	for _, c := range []struct {
		limits Limits
		rows   []Row
		want   string
	}{
		{Limits{Rows: 2, Bytes: 10}, nil, "[]"},
		{Limits{Rows: 2, Bytes: 10}, []Row{row(1), row(2), row(3)}, "[2 1]"},
		{Limits{Rows: 2, Bytes: 10}, []Row{row(1), row(2), row(3), row(4)}, "[2 2]"},
		{Limits{Rows: 9, Bytes: 10, Write: 10}, []Row{row(10), row(5), row(5), row(1)}, "[1 2 1]"},
		{Limits{Rows: 9, Bytes: 10, Write: 10}, []Row{row(5), {Table: "agents", Key: "x"}, row(6)}, "[2 1]"},
	} {
		parts, err := c.limits.Split(c.rows)
		sizes := []int{}
		for _, p := range parts {
			sizes = append(sizes, len(p))
		}
		if got := fmt.Sprint(sizes); err != nil || got != c.want {
			t.Errorf("%+v: got %s, %v, want %s", c.limits, got, err, c.want)
		}
	}
	if _, err := (Limits{Rows: 9, Bytes: 4}).Split([]Row{row(5)}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a row of 5 bytes where 4 are allowed: got %v, want %v", err, ErrTooLarge)
	}
}
