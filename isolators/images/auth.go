package images

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
)

// credentials are those of a docker config.json, by registry.
type credentials map[string]authn.AuthConfig

// parseCredentials reads a docker config.json: its "auths", or what older files
// have, which is the same without that name around it. Credential helpers are
// programs on the machine of the user, and not looked at.
func parseCredentials(text []byte) (credentials, error) {
	if len(strings.TrimSpace(string(text))) == 0 {
		return nil, nil
	}
	var file struct {
		Auths map[string]entry `json:"auths"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("docker config: not the JSON of a config.json: %w", noContent(err))
	}
	if file.Auths == nil {
		_ = json.Unmarshal(text, &file.Auths) // if it is not such a file, there are none
	}
	out := credentials{}
	for at, e := range file.Auths {
		c, err := e.config()
		if err != nil {
			return nil, fmt.Errorf("docker config: auths[%q]: %w", at, err)
		}
		out[host(at)] = c
	}
	return out, nil
}

// noContent keeps the text of a secret out of messages.
func noContent(err error) error {
	if s, is := err.(*json.SyntaxError); is { //nolint:errorlint // as Unmarshal gives it
		return fmt.Errorf("syntax error at byte %d", s.Offset)
	}
	return fmt.Errorf("%T", err)
}

type entry struct {
	Auth          string `json:"auth"`
	Username      string `json:"username"`
	Password      string `json:"password"`
	IdentityToken string `json:"identitytoken"`
	RegistryToken string `json:"registrytoken"`
}

func (e entry) config() (authn.AuthConfig, error) {
	c := authn.AuthConfig{Username: e.Username, Password: e.Password, IdentityToken: e.IdentityToken, RegistryToken: e.RegistryToken}
	if e.Auth == "" {
		return c, nil
	}
	plain, err := base64.StdEncoding.DecodeString(e.Auth)
	user, password, both := strings.Cut(strings.TrimRight(string(plain), "\x00"), ":")
	if err != nil || !both {
		return c, fmt.Errorf("auth: want USER:PASSWORD in base64")
	}
	c.Username, c.Password = user, password
	return c, nil
}

// host is the registry that a key of a config.json means: some are URLs.
func host(key string) string {
	key = strings.TrimPrefix(strings.TrimPrefix(key, "https://"), "http://")
	key, _, _ = strings.Cut(key, "/")
	if key == "docker.io" || key == dockerHubV2 {
		return dockerHub
	}
	return key
}

// Resolve implements authn.Keychain.
func (c credentials) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if a, ok := c[r.RegistryStr()]; ok {
		return authn.FromConfig(a), nil
	}
	return authn.Anonymous, nil
}
