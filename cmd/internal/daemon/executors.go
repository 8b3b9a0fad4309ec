package daemon

import (
	"errors"
	"fmt"
	"log/slog"

	"mesos/actors/authentication"
	"mesos/cmd/flags"
)

// authenticateExecutors is the flag by which executors must show their token.
const authenticateExecutors = "authenticate_http_executors"

// executorsFrom reads the key by which an agent gives executors something to show, nil if there is none. log is told if
// others may read it.
func executorsFrom(f *flags.Set, log *slog.Logger) (authentication.Key, error) {
	const flag = "jwt_secret_key"
	path := f.String(flag)
	if path == "" {
		if f.Bool(authenticateExecutors) {
			return nil, errors.New("flag --" + authenticateExecutors + ": executors have nothing to show without --" + flag + ", which names a file with a key: want both")
		}
		return nil, nil
	}
	key, err := authentication.ReadKey(path)
	if err != nil {
		return nil, fmt.Errorf("flag --%s: %w", flag, err)
	}
	warnReadable(flag, path, log)
	return key, nil
}

// withExecutors are the realms of an agent that knows its executors by a key, nil where nobody is asked.
func withExecutors(f *flags.Set, r *authentication.Realms, key authentication.Key) *authentication.Realms {
	if r == nil && f.Bool(authenticateExecutors) {
		r = &authentication.Realms{Daemon: "mesos-agent", Asks: map[authentication.Access]bool{}}
	}
	if r != nil {
		r.Key, r.Asks[authentication.Executors] = key, f.Bool(authenticateExecutors)
	}
	return r
}
