package authentication

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Executor is whose a token is: an executor of a framework, in one container of one agent. Its JSON are the claims of
// the token, as Mesos has them.
type Executor struct {
	FrameworkID string `json:"fid"`
	ExecutorID  string `json:"eid"`
	ContainerID string `json:"cid"`
}

// Key signs the tokens by which executors show an agent whose they are: JSON web tokens, with HS256. nil: there is none.
type Key []byte

// maxKey bounds a file of a key, in bytes.
const maxKey = 1 << 20

// ErrToken is wrapped when a token is not good.
var ErrToken = errors.New("token")

// ReadKey reads a key: all bytes of the file, a newline at its end too.
func ReadKey(path string) (Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("file of a key: %w", err)
	}
	key, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("file of a key: %w", err)
	}
	switch {
	case len(key) == 0:
		return nil, fmt.Errorf("file of a key: %s is empty: want random bytes, 32 or more", path)
	case len(key) > maxKey:
		return nil, fmt.Errorf("file of a key: %s is larger than %d bytes", path, maxKey)
	}
	return key, nil
}

// tokenHeader is that of all tokens made here.
const tokenHeader = `{"alg":"HS256","typ":"JWT"}`

// Token is what an executor shows. It is as secret as a password.
func (k Key) Token(e Executor) string {
	claims, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	signed := base64.RawURLEncoding.EncodeToString([]byte(tokenHeader)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(k.sign(signed))
}

func (k Key) sign(signed string) []byte {
	h := hmac.New(sha256.New, k)
	_, _ = io.WriteString(h, signed) // never fails
	return h.Sum(nil)
}

// Verify says whose a token is. Others may have made it that know the key, with an end (exp, in seconds since 1970).
// Errors wrap [ErrToken] and do not tell the token.
func (k Key) Verify(token string, now time.Time) (Executor, error) {
	bad := func(why string) (Executor, error) { return Executor{}, fmt.Errorf("%w: %s", ErrToken, why) }
	if len(k) == 0 {
		return bad("this agent has no key for it")
	}
	signed, signature, ok := cutLast(token, ".")
	header, payload, ok2 := strings.Cut(signed, ".")
	if !ok || !ok2 || strings.Contains(payload, ".") {
		return bad("want three parts with points between")
	}
	mac, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(mac, k.sign(signed)) {
		return bad("its signature is not that of this agent's key")
	}
	// What follows was written by somebody who knows the key.
	var h struct {
		Algorithm string   `json:"alg"`
		Critical  []string `json:"crit"`
	}
	if err := part(header, &h); err != nil || h.Algorithm != "HS256" || len(h.Critical) > 0 {
		return bad("its header is not one of HS256")
	}
	var claims struct {
		Executor
		End *float64 `json:"exp"`
	}
	if err := part(payload, &claims); err != nil {
		return bad("its claims are no JSON object with fid, eid and cid")
	}
	if claims.End != nil && float64(now.Unix()) >= *claims.End {
		return bad("it is over")
	}
	return claims.Executor, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// part reads one part of a token, which is a JSON object.
func part(text string, to any) error {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}
