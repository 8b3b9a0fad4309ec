package daemon

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"mesos/actors/authentication"
	"mesos/cmd/flags"
)

// basicAuthenticator is the one HTTP authenticator that there is.
const basicAuthenticator = "basic"

// realmFlags are the flags by which a kind of access needs a principal.
var realmFlags = map[string]authentication.Access{
	"authenticate_http_readonly":   authentication.ReadOnly,
	"authenticate_http_readwrite":  authentication.ReadWrite,
	"authenticate_http_frameworks": authentication.Frameworks,
}

// realmsFrom reads who may ask a daemon over HTTP, nil: everybody. credentials is the flag that names the file with
// those that it knows.
func realmsFrom(f *flags.Set, daemon, credentials string, log *slog.Logger) (*authentication.Realms, error) {
	for _, name := range []string{"http_authenticators", "http_framework_authenticators"} {
		if given := authenticators(f, name); given != "" && given != basicAuthenticator {
			return nil, fmt.Errorf("flag --%s: there is no authenticator %q: %s is the only one", name, given, basicAuthenticator)
		}
	}
	asks, why := map[authentication.Access]bool{}, ""
	for _, name := range slices.Sorted(maps.Keys(realmFlags)) {
		if f.Defines(name) && f.Bool(name) {
			asks[realmFlags[name]], why = true, name
		}
	}
	asks[authentication.Providers] = asks[authentication.ReadWrite]
	known, err := credentialsFrom(f, credentials, log)
	switch {
	case err != nil:
		return nil, err
	case why == "":
		return nil, nil
	case known == nil:
		return nil, needsCredentials(why, credentials)
	}
	return &authentication.Realms{Daemon: daemon, Asks: asks, Known: known}, nil
}

func authenticators(f *flags.Set, name string) string {
	if !f.Defines(name) {
		return ""
	}
	return strings.TrimSpace(f.String(name))
}

// credentialsFrom reads the principals that a daemon knows, nil if it was not told any.
func credentialsFrom(f *flags.Set, flag string, log *slog.Logger) (authentication.Credentials, error) {
	path := f.String(flag)
	if path == "" {
		return nil, nil
	}
	known, err := authentication.ReadCredentials(path)
	if err != nil {
		return nil, fmt.Errorf("flag --%s: %w", flag, err)
	}
	warnReadable(flag, path, log)
	return known, nil
}

// warnReadable tells of secrets that all users of the machine may read.
func warnReadable(flag, path string, log *slog.Logger) {
	if authentication.ReadableByOthers(path) {
		log.Warn("others on this machine may read secrets", "flag", flag, "file", path, "why", "its mode should be 0600")
	}
}
