package daemon

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"mesos/cmd/flags"
)

// firewallFrom reads which endpoints --firewall_rules disables.
func firewallFrom(f *flags.Set) ([]string, error) {
	text := f.String("firewall_rules")
	if text == "" {
		return nil, nil
	}
	var rules struct {
		Disabled struct {
			Paths []string `json:"paths"`
		} `json:"disabled_endpoints"`
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&rules); err != nil {
		return nil, fmt.Errorf(`flag --firewall_rules: want JSON like {"disabled_endpoints":{"paths":["/files/browse"]}}: %w`, err)
	}
	for _, p := range rules.Disabled.Paths {
		if !strings.HasPrefix(p, "/") {
			return nil, fmt.Errorf("flag --firewall_rules: disabled_endpoints.paths: %q is no path: it must begin with a slash", p)
		}
	}
	return rules.Disabled.Paths, nil
}
