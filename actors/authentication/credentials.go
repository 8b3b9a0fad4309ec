package authentication

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// maxFile bounds a file of credentials, in bytes.
const maxFile = 4 << 20

// Credential is a principal with its secret.
type Credential struct{ Principal, Secret string }

// Credentials are the secrets of the principals that a daemon knows.
type Credentials map[string]string

// ReadCredentials reads {"credentials":[{"principal":"p","secret":"s"}]} or, as older clusters have it, a line "p s" for
// each principal. Errors name the file, never a secret.
func ReadCredentials(path string) (Credentials, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	list := &v1.Credentials{}
	if bytes.HasPrefix(text, []byte("{")) {
		if err := mesosjson.Unmarshal(text, list); err != nil {
			return nil, fmt.Errorf(`credentials in %s: want {"credentials":[{"principal":"p","secret":"s"}]}: %w`, path, err)
		}
	} else if list.Credentials, err = lines(string(text)); err != nil {
		return nil, fmt.Errorf("credentials in %s: %w", path, err)
	}
	known := Credentials{}
	for i, c := range list.GetCredentials() {
		if err := check(c); err != nil {
			return nil, fmt.Errorf("credentials in %s: credentials[%d].%w", path, i, err)
		}
		if _, twice := known[c.GetPrincipal()]; twice {
			return nil, fmt.Errorf("credentials in %s: credentials[%d].principal: %q is there twice", path, i, c.GetPrincipal())
		}
		known[c.GetPrincipal()] = c.GetSecret()
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("credentials in %s: there are none", path)
	}
	return known, nil
}

// ReadCredential reads the one credential of a client: {"principal":"p","secret":"s"}, or "p s".
func ReadCredential(path string) (*Credential, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	c := &v1.Credential{}
	if bytes.HasPrefix(text, []byte("{")) {
		if err := mesosjson.Unmarshal(text, c); err != nil {
			return nil, fmt.Errorf(`credential in %s: want {"principal":"p","secret":"s"}: %w`, path, err)
		}
	} else {
		list, err := lines(string(text))
		if err == nil && len(list) != 1 {
			err = fmt.Errorf("there are %d lines: want one, a principal and its secret", len(list))
		}
		if err != nil {
			return nil, fmt.Errorf("credential in %s: %w", path, err)
		}
		c = list[0]
	}
	if err := check(c); err != nil {
		return nil, fmt.Errorf("credential in %s: %w", path, err)
	}
	return &Credential{c.GetPrincipal(), c.GetSecret()}, nil
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("file of credentials: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("file of credentials: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("file of credentials: %s is larger than %d bytes", path, maxFile)
	}
	return bytes.TrimSpace(text), nil
}

// lines reads the older form.
func lines(text string) (list []*v1.Credential, err error) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		words := strings.Fields(line)
		switch len(words) {
		case 0:
		case 2:
			list = append(list, &v1.Credential{Principal: &words[0], Secret: &words[1]})
		default:
			return nil, fmt.Errorf("line %d has %d words: want a principal and its secret", n, len(words))
		}
	}
	return list, nil
}

func check(c *v1.Credential) error {
	switch {
	case c.GetPrincipal() == "":
		return errors.New("principal: it is empty")
	case strings.Contains(c.GetPrincipal(), ":"):
		return fmt.Errorf("principal: %q holds a colon, which HTTP Basic authentication cannot carry", c.GetPrincipal())
	case c.GetSecret() == "":
		return fmt.Errorf("secret: principal %q has none", c.GetPrincipal())
	}
	return nil
}

// Knows says whether that is the secret of the principal, in a time that does not depend on how much of it is right.
func (k Credentials) Knows(principal, secret string) bool {
	want, known := k[principal]
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && known
}

// ReadableByOthers says that other users of the machine may read or write the file.
func ReadableByOthers(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o007 != 0
}
