package table

import (
	"errors"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	var b strings.Builder
	err := Write(&b, []string{"ID", "NAME", "STATE"}, [][]string{
		{"a-1", "größer", "running"},
		{"b", "", "x\ny\x1b[2J"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "ID   NAME    STATE\n" +
		"a-1  größer  running\n" +
		"b    -       x y [2J\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }

func TestWriteTellsOfErrors(t *testing.T) {
	if err := Write(broken{}, []string{"A"}, nil); err == nil {
		t.Error("a failed write was not told")
	}
}
