package authentication

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var anExecutor = Executor{FrameworkID: "f", ExecutorID: "e", ContainerID: "c"}

// other makes a token as another program may, of a header and claims as text.
func other(k Key, header, claims string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	return signed + "." + base64.RawURLEncoding.EncodeToString(k.sign(signed))
}

// The token of a key and claims that is made by other programs, so that theirs and ours are good for each other.
func TestTokenIsAJSONWebToken(t *testing.T) {
	const want = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJmaWQiOiJmIiwiZWlkIjoiZSIsImNpZCI6ImMifQ.u2wcZ15jNwLulSWzDH1VEGBTqIZjRw_PJ-9UmXe--QQ"
	if got := Key("secret").Token(anExecutor); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTokens(t *testing.T) {
	key, now := Key("secret"), time.Unix(1000, 0)
	const hs, claims = `{"alg":"HS256"}`, `{"fid":"f","eid":"e","cid":"c"}`
	for _, c := range []struct{ token, why string }{
		{key.Token(anExecutor), ""},
		{other(key, `{"typ":"JWT","alg":"HS256"}`, `{"cid":"c","eid":"e","fid":"f","more":1}`), ""},
		{other(key, hs, `{"fid":"f","eid":"e","cid":"c","exp":1001}`), ""},
		{other(key, hs, `{"fid":"f","eid":"e","cid":"c","exp":1000}`), "over"},
		{Key("another").Token(anExecutor), "signature"},
		{other(key, `{"alg":"none"}`, claims), "HS256"},
		{other(key, `{"alg":"HS512"}`, claims), "HS256"},
		{other(key, `{"alg":"HS256","crit":["b64"]}`, claims), "HS256"},
		{other(key, hs, `[]`), "claims"},
		{other(key, hs, `{"fid":1}`), "claims"},
		{other(key, "", claims), "HS256"},
		{"", "three parts"},
		{"a.b", "three parts"},
		{"a.b.c.d", "three parts"},
		{"..", "signature"},
		{strings.TrimRight(key.Token(anExecutor), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"), "signature"},
		{key.Token(anExecutor) + "=", "signature"},
	} {
		got, err := key.Verify(c.token, now)
		switch {
		case c.why == "" && (err != nil || got != anExecutor):
			t.Errorf("%s: got %v, %v, want %v", c.token, got, err, anExecutor)
		case c.why != "" && (!errors.Is(err, ErrToken) || !strings.Contains(err.Error(), c.why) || got != Executor{}):
			t.Errorf("%s: got %v, %v, want an error with %q", c.token, got, err, c.why)
		case err != nil && len(c.token) > 4 && strings.Contains(err.Error(), c.token):
			t.Errorf("%v: it tells the token", err)
		}
	}
}

func TestReadKey(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ text, why string }{{"abc\n", ""}, {"", "empty"}} {
		path := filepath.Join(dir, "key")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ReadKey(path)
		if c.why == "" && (err != nil || string(got) != c.text) || c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)) {
			t.Errorf("%q: got %q, %v, want all of it, or an error with %q", c.text, got, err, c.why)
		}
	}
	if _, err := ReadKey(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v, want that it is not there", err)
	}
}
