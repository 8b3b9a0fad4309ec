package httpapi

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAccept(t *testing.T) {
	tests := []struct {
		accept []string
		want   Type // 0 = 406
	}{
		{nil, JSON},
		{[]string{""}, JSON},
		{[]string{"*/*"}, JSON},
		{[]string{"application/*"}, JSON},
		{[]string{"application/json"}, JSON},
		{[]string{"Application/JSON"}, JSON},
		{[]string{"application/x-protobuf"}, Protobuf},
		{[]string{"application/x-protobuf, application/json"}, JSON},
		{[]string{"application/x-protobuf", "application/json"}, JSON},
		{[]string{"application/x-protobuf", "application/x-protobuf"}, Protobuf},
		{[]string{"application/x-protobuf;q=0.9, application/json;q=0.5"}, Protobuf},
		{[]string{"application/json;q=0, */*"}, Protobuf},
		{[]string{"*/*, application/json;q=0"}, Protobuf},
		{[]string{"application/json;q=0"}, 0},
		{[]string{"*/*;q=0"}, 0},
		{[]string{"*/*;q=0, application/x-protobuf"}, Protobuf},
		{[]string{"application/json;q=nonsense"}, 0},
		{[]string{"application/json ; charset=utf-8 ; q=0.1"}, JSON},
		{[]string{"text/html"}, 0},
		{[]string{"text/html, application/json"}, JSON},
		{[]string{"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}, JSON},
	}
	for _, tt := range tests {
		a := ParseAccept(http.Header{"Accept": tt.accept})
		w := httptest.NewRecorder()
		got, ok := a.Choose(w)
		if got != tt.want || ok != (tt.want != 0) {
			t.Errorf("%q: got %v, want %v", tt.accept, got, tt.want)
		}
		if !ok && w.Code != http.StatusNotAcceptable {
			t.Errorf("%q: got code %d, want 406", tt.accept, w.Code)
		}
	}
	if _, ok := (Accept{}).Best(); ok {
		t.Error("the zero Accept allows something")
	}
}

func FuzzAccept(f *testing.F) {
	f.Add("application/json;q=0.5, */*")
	f.Add("; ;q=,,q")
	f.Fuzz(func(t *testing.T, line string) {
		a := ParseAccept(http.Header{"Accept": {line}})
		if !(a.json >= 0 && a.json <= 1 && a.protobuf >= 0 && a.protobuf <= 1) {
			t.Fatalf("%q: got weights %v, want them from 0 to 1", line, a)
		}
		_ = acceptsGzip(http.Header{"Accept-Encoding": {line}})
	})
}
