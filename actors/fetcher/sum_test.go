package fetcher

import (
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestChecksum(t *testing.T) {
	body := []byte("the file")
	path := filepath.Join(t.TempDir(), "f#x")
	os.WriteFile(path, body, 0o644)
	right, right512 := fmt.Sprintf("%x", sha256.Sum256(body)), fmt.Sprintf("%x", sha512.Sum512(body))
	wrong := strings.Repeat("0", 64)
	tests := []struct {
		fragment string
		want     error
	}{
		{"", nil},
		{"#sha256=" + right, nil},
		{"#sha256=" + strings.ToUpper(right), nil},
		{"#sha512=" + right512, nil},
		{"#sha256=" + wrong, ErrChecksum},
		{"#sha256=" + right[1:], ErrURI},
		{"#sha256=" + right512, ErrURI},
		{"#sha256=", ErrURI},
		{"#sha512=zz", ErrURI},
	}
	for _, tt := range tests {
		for _, make := range []func(string) (string, string, error){
			func(u string) (string, string, error) { return fetch(t, Options{}, uri(u)) },
			func(u string) (string, string, error) {
				return fetch(t, Options{CacheDir: t.TempDir()}, cachedURI(u), cachedURI(u))
			},
		} {
			sandbox, _, err := make(path + tt.fragment)
			if !errors.Is(err, tt.want) {
				t.Errorf("%q: got %v, want %v", tt.fragment, err, tt.want)
			}
			if _, serr := os.Stat(filepath.Join(sandbox, "f#x")); (serr == nil) != (tt.want == nil) {
				t.Errorf("%q: got the file there %v, want %v", tt.fragment, serr == nil, tt.want == nil)
			}
		}
	}
}

func TestAnotherFragmentIsNoChecksum(t *testing.T) {
	for _, u := range []string{"http://h/x#md5=1", "http://h/x#a", "/a#b", "http://h/x#sha256=" + strings.Repeat("0", 64) + "#c"} {
		if rest, d, err := cutDigest(u); rest != u || d.kind != "" || err != nil {
			t.Errorf("%q: got %q, %v, %v, want it as it is", u, rest, d, err)
		}
	}
}
