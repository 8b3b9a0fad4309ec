package boot

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"syscall"
	"testing"
)

// here are the fields of a Launch that the new process does not get.
var here = []string{"Image", "Given", "users", "program"}

// full sets every field of a value to something else than nothing, and no two to the same.
func full(v reflect.Value, next *int) {
	*next++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if !slices.Contains(here, v.Type().Field(i).Name) {
				full(v.Field(i), next)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem(), next)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range 3 {
			full(v.Index(i), next)
		}
	case reflect.String:
		v.SetString(string(bytes.Repeat([]byte{'a', 0}, *next)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int:
		v.SetInt(int64(-*next))
	case reflect.Uint8:
		v.SetUint(uint64(*next % 256))
	default:
		v.SetUint(1<<63 + uint64(*next))
	}
}

func TestWire(t *testing.T) {
	all := &Launch{}
	full(reflect.ValueOf(all).Elem(), new(int))
	for _, l := range []*Launch{{}, {File: "true", Argv: []string{"true"}, Env: []string{""}}, {Capabilities: &Capabilities{}}, all} {
		var pipe bytes.Buffer
		if err := writeOrder(&pipe, l); err != nil {
			t.Fatal(err)
		}
		got, err := readOrder(&pipe)
		if err != nil || !reflect.DeepEqual(got, l) || pipe.Len() > 0 {
			t.Errorf("got %+v, %v with %d bytes left, want %+v", got, err, pipe.Len(), l)
		}
	}
}

// TestWireShort reads what ends early, or is something else.
func TestWireShort(t *testing.T) {
	l := &Launch{}
	full(reflect.ValueOf(l).Elem(), new(int))
	text, _ := l.MarshalBinary()
	for n := range text {
		if err := new(Launch).UnmarshalBinary(text[:n]); !errors.Is(err, errShort) {
			t.Fatalf("the first %d bytes of %d: got %v, want %v", n, len(text), err, errShort)
		}
	}
	if err := new(Launch).UnmarshalBinary(append(text, 0)); !errors.Is(err, errShort) {
		t.Errorf("one byte more: got %v, want %v", err, errShort)
	}
	if _, err := readOrder(bytes.NewBufferString(`{"file":"/bin/true","argv":[]}`)); !errors.Is(err, errShort) {
		t.Errorf("JSON: got %v, want %v", err, errShort)
	}
	if _, err := readOrder(&bytes.Buffer{}); !errors.Is(err, io.EOF) {
		t.Errorf("nothing: got %v, want %v", err, io.EOF)
	}
}

func TestWireAnswer(t *testing.T) {
	var pipe bytes.Buffer
	want := Error{What: "mount of /proc", Errno: syscall.EPERM}
	if err := writeAnswer(&pipe, &want); err != nil {
		t.Fatal(err)
	}
	if got, err := readAnswer(&pipe); err != nil || *got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := readAnswer(&pipe); !errors.Is(err, io.EOF) {
		t.Errorf("no answer: got %v, want %v", err, io.EOF)
	}
}
