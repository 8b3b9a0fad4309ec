package daemon

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"strings"
	"time"
)

// whitelistInterval is how often the file of --whitelist is read.
const whitelistInterval = 5 * time.Second

// readWhitelist reads the hosts that may be offered from a file, one a line; nil for all without a file, and for "*", as
// old settings have it.
func readWhitelist(path string) (map[string]bool, error) {
	if path == "" || path == "*" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("flag --whitelist: file of hosts, one a line: %w", err)
	}
	hosts := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if host := strings.TrimSpace(line); host != "" {
			hosts[host] = true
		}
	}
	return hosts, nil
}

// followWhitelist calls tell whenever the file says something else than before, until stop is closed. A file that cannot
// be read changes nothing.
func followWhitelist(path string, now map[string]bool, tell func(map[string]bool), stop <-chan struct{}, log *slog.Logger) {
	tick := time.NewTicker(whitelistInterval)
	defer tick.Stop()
	failed := ""
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		hosts, err := readWhitelist(path)
		switch {
		case err != nil:
			if err.Error() != failed {
				log.Error("the whitelist stays as it is", "error", err)
			}
			failed = err.Error()
			continue
		case !maps.Equal(hosts, now):
			log.Info("another whitelist", "file", path, "hosts", len(hosts))
			now = hosts
			tell(hosts)
		}
		failed = ""
	}
}
