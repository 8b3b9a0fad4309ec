// Package yaml writes what is JSON as YAML, for people who read it. The subcommands of mesos call it for -o yaml; keys
// keep the order that they have in JSON, and it never reads YAML.
package yaml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Write prints v as its JSON form says, as one YAML document.
func Write(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("YAML of %T: %w", v, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	p := printer{in: d}
	if err := p.value(0, true); err != nil {
		return fmt.Errorf("YAML of %T: %w", v, err)
	}
	_, err = w.Write(p.out.Bytes())
	return err
}

type printer struct {
	in  *json.Decoder
	out bytes.Buffer
}

// value prints the next one. fresh: the line holds nothing yet but what a list's dash left; otherwise a key stands there.
func (p *printer) value(depth int, fresh bool) error {
	t, err := p.in.Token()
	if err != nil {
		return err
	}
	open, nested := t.(json.Delim)
	if !nested {
		return p.line(fresh, scalar(t))
	}
	if !p.in.More() {
		if _, err := p.in.Token(); err != nil {
			return err
		}
		return p.line(fresh, open.String()+map[json.Delim]string{'{': "}", '[': "]"}[open])
	}
	if !fresh {
		p.out.WriteByte('\n')
		if open == '[' {
			depth-- // a list may stand as deep as its key
		}
		p.indent(depth)
	}
	for first := true; p.in.More(); first = false {
		if !first {
			p.indent(depth)
		}
		if err := p.member(depth, open); err != nil {
			return err
		}
	}
	_, err = p.in.Token()
	return err
}

func (p *printer) member(depth int, open json.Delim) error {
	if open == '[' {
		p.out.WriteString("- ")
		return p.value(depth+1, true)
	}
	key, err := p.in.Token()
	if err != nil {
		return err
	}
	name, ok := key.(string)
	if !ok {
		return errors.New("an object's key is no text")
	}
	p.out.WriteString(text(name) + ":")
	return p.value(depth+1, false)
}

func (p *printer) line(fresh bool, s string) error {
	if !fresh {
		p.out.WriteByte(' ')
	}
	p.out.WriteString(s + "\n")
	return nil
}

func (p *printer) indent(depth int) { p.out.WriteString(strings.Repeat("  ", depth)) }

func scalar(t json.Token) string {
	switch v := t.(type) {
	case nil:
		return "null"
	case string:
		return text(v)
	default:
		return fmt.Sprint(v)
	}
}

// plain are texts that no reader of YAML takes for anything else.
var plain = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@(-][A-Za-z0-9_./@()-]*)*$`)

var words = map[string]bool{"null": true, "true": true, "false": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

// text is a text as it is where that is safe, and as in JSON, which YAML reads, otherwise.
func text(s string) string {
	if plain.MatchString(s) && !words[strings.ToLower(s)] {
		return s
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a string can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}
