package jsonwriter

import (
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func TestWriter(t *testing.T) {
	var w Writer
	w.Object(func() {
		w.Field("text", "a\"b\\c\n<\x01\xff")
		w.Field("yes", true)
		w.Field("count", 3)
		w.Field("one", 1.0)
		w.Field("tenth", 0.1)
		w.Field("time", 1795298038.579612)
		w.Field("tiny", 1e-9)
		w.Field("names", []string{"x", "y"})
		w.Field("none", []string(nil))
		w.Field("id", &v1.TaskID{Value: proto.String("t")})
		w.Key("list")
		w.Array(func() { w.Value(1); w.Value("two"); w.Object(func() {}) })
		w.Field("resources", resources.MustParse("cpus:1.5;ports:[1-2]"))
		w.Field("nested", func() { w.Object(func() { w.Field("k", "v") }) })
	})
	got, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"text":"a\"b\\c\n\u003c\u0001` + "\uFFFD" + `","yes":true,"count":3,"one":1.0,"tenth":0.1,"time":1795298038.579612,"tiny":1e-09,"names":["x","y"],"none":[],"id":{"value":"t"},` +
		`"list":[1,"two",{}],"resources":{"cpus":1.5,"gpus":0.0,"mem":0.0,"disk":0.0,"ports":"[1-2]"},"nested":{"k":"v"}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !json.Valid(got) {
		t.Error("not valid JSON")
	}
}

func TestWriterRefusesUnknownTypes(t *testing.T) {
	var w Writer
	w.Value(struct{}{})
	if _, err := w.Bytes(); err == nil {
		t.Error("a struct was written without an error")
	}
}
