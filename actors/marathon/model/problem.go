package model

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is what is wrong at one place of a definition, in the shape of Marathon's answers.
type Problem struct {
	Path   string   `json:"path"` // like /container/volumes(0)/mode
	Errors []string `json:"errors"`
}

// Invalid is a definition that is refused: 422 to a client.
type Invalid struct{ Problems []Problem }

// Error is all of it in one line.
func (e *Invalid) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, p.Path+" "+strings.Join(p.Errors, ", "))
	}
	return "the definition is not valid: " + strings.Join(lines, "; ")
}

// ErrSyntax is wrapped by what is no JSON at all: 400 to a client.
var ErrSyntax = errors.New("invalid JSON")

// ValueError is what a value of JSON is not, and where within it.
type ValueError struct{ Message, Path string }

func (e *ValueError) Error() string { return e.Message }

// problems collects what is wrong.
type problems struct{ list []Problem }

func (p *problems) add(path, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for i := range p.list {
		if p.list[i].Path == path {
			p.list[i].Errors = append(p.list[i].Errors, text)
			return
		}
	}
	p.list = append(p.list, Problem{path, []string{text}})
}

// need adds a problem unless ok.
func (p *problems) need(ok bool, path, format string, args ...any) {
	if !ok {
		p.add(path, format, args...)
	}
}

func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return &Invalid{p.list}
}
