package authentication

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadCredentials(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Credentials
		err        string // a part of it
	}{
		{"JSON", `{"credentials":[{"principal":"a","secret":"x y"},{"principal":"b","secret":"z"}]}`, Credentials{"a": "x y", "b": "z"}, ""},
		{"JSON, one object for a list", " {\"credentials\":{\"principal\":\"a\",\"secret\":\"x\"}}\n", Credentials{"a": "x"}, ""},
		{"lines", "a x\n\n  b\tz  \n", Credentials{"a": "x", "b": "z"}, ""},
		{"no JSON", `{"credentials":`, nil, `want {"credentials":[`},
		{"none", `{"credentials":[]}`, nil, "there are none"},
		{"empty", "", nil, "there are none"},
		{"twice", "a x\nb y\na z\n", nil, `credentials[2].principal: "a" is there twice`},
		{"no secret", `{"credentials":[{"principal":"a"}]}`, nil, `credentials[0].secret: principal "a" has none`},
		{"no principal", `{"credentials":[{"secret":"topsecret"}]}`, nil, "principal"},
		{"colon", "a:b x\n", nil, `credentials[0].principal: "a:b" holds a colon`},
		{"three words", "a x\nb y topsecret\n", nil, "line 2 has 3 words"},
	} {
		got, err := ReadCredentials(file(t, c.text))
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.err)
		}
		if err != nil && strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%s: the error %q tells a secret", c.name, err)
		}
	}
	if _, err := ReadCredentials(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a file that is not there: got %v, want an error that names it", err)
	}
}

func TestReadCredential(t *testing.T) {
	for _, c := range []struct {
		text, principal, secret, err string
	}{
		{`{"principal":"a","secret":"x"}`, "a", "x", ""},
		{"a x\n", "a", "x", ""},
		{"a x\nb y\n", "", "", "there are 2 lines"},
		{`{"principal":"a"}`, "", "", "has none"},
		{`{"principal":7`, "", "", `want {"principal":"p","secret":"s"}`},
	} {
		got, err := ReadCredential(file(t, c.text))
		if err == nil && c.err == "" {
			if got.Principal != c.principal || got.Secret != c.secret {
				t.Errorf("%q: got %v, want %s %s", c.text, got, c.principal, c.secret)
			}
		} else if err == nil || c.err == "" || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: got error %v, want one with %q", c.text, err, c.err)
		}
	}
}

func TestReadableByOthers(t *testing.T) {
	path := file(t, "a x")
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o602: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if got := ReadableByOthers(path); got != want {
			t.Errorf("mode %o: got %v, want %v", mode, got, want)
		}
	}
}
