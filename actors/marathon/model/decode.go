package model

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// decode reads JSON into v, which holds the defaults, and refuses fields that
// there are not, except those that are only told.
func decode(data []byte, v any, told ...string) error {
	var generic any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&generic); err != nil {
		return fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if d.More() {
		return fmt.Errorf("%w: something follows its end", ErrSyntax)
	}
	var p problems
	m, ok := generic.(map[string]any)
	if !ok {
		p.add("/", "must be an object")
		return p.err()
	}
	for _, name := range told {
		delete(m, name)
	}
	p.unknown(m, reflect.TypeOf(v).Elem(), "")
	if err := p.err(); err != nil {
		return err
	}
	rest, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	return valueError(json.Unmarshal(rest, v))
}

// valueError says at which path a value has the wrong type.
func valueError(err error) error {
	var p problems
	var kind *json.UnmarshalTypeError
	var value *ValueError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kind):
		p.add("/"+strings.ReplaceAll(kind.Field, ".", "/"), "must be %s, got %s", word(kind.Type), kind.Value)
	case errors.As(err, &value):
		p.add("/", "%s", value.Message)
	default:
		p.add("/", "%s", err)
	}
	return p.err()
}

func word(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// instead says what to write for fields of Marathon that are not supported.
var instead = map[string]string{
	"ipAddress":         "is not supported; use networks",
	"external":          "is not supported; use hostPath",
	"csi":               "is not supported; use hostPath",
	"networkBandwidth":  "is not supported",
	"executorResources": "is not supported for apps: their executor takes of the resources of the task",
	"credential":        "is not supported; agents have the keys of registries (--docker_config)",
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// unknown finds the fields in v that t has not.
func (p *problems) unknown(v any, t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		p.own(v, t, path)
		return
	}
	switch x := v.(type) {
	case map[string]any:
		p.unknownIn(x, t, path)
	case []any:
		if t.Kind() == reflect.Slice {
			for i, e := range x {
				p.unknown(e, t.Elem(), fmt.Sprintf("%s(%d)", path, i))
			}
		}
	}
}

// own has a type that reads itself say what is wrong with v.
func (p *problems) own(v any, t reflect.Type, path string) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, reflect.New(t).Interface())
	}
	var value *ValueError
	switch {
	case err == nil:
	case errors.As(err, &value):
		p.add(path+value.Path, "%s", value.Message)
	default:
		p.add(path, "%s", err)
	}
}

func (p *problems) unknownIn(x map[string]any, t reflect.Type, path string) {
	switch t.Kind() {
	case reflect.Map:
		for k, e := range x {
			p.unknown(e, t.Elem(), path+"/"+k)
		}
	case reflect.Struct:
		fields := fieldsOf(t)
		for k, e := range x {
			f, ok := fields[k]
			if !ok {
				p.add(path+"/"+k, "%s", cmp.Or(instead[k], "there is no such field, or it is not supported"))
				continue
			}
			p.unknown(e, f, path+"/"+k)
		}
	}
}

// fieldsOf are the JSON names of a struct's fields, with their types.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			for k, v := range fieldsOf(f.Type) {
				fields[k] = v
			}
		case name != "-" && name != "":
			fields[name] = f.Type
		}
	}
	return fields
}
