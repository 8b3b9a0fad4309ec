package daemon

import (
	"slices"
	"strings"
	"testing"
)

func TestFirewallFrom(t *testing.T) {
	for _, tt := range []struct {
		text  string
		want  []string
		wrong string
	}{
		{`{"disabled_endpoints":{"paths":["/files/browse","/metrics"]}}`, []string{"/files/browse", "/metrics"}, ""},
		{`{}`, nil, ""},
		{`{"disabled_endpoints":{"paths":["x"]}}`, nil, `"x" is no path`},
		{`{"disabled":{}}`, nil, `"disabled"`},
		{`no`, nil, "want JSON like"},
	} {
		f := AgentFlags()
		if err := f.SetAll(map[string]string{"master": "127.0.0.1:5050", "work_dir": "w", "firewall_rules": tt.text}); err != nil {
			t.Fatal(err)
		}
		got, err := firewallFrom(f)
		if tt.wrong == "" && (err != nil || !slices.Equal(got, tt.want)) || tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)) {
			t.Errorf("%s: got %q, %v, want %q or an error with %q", tt.text, got, err, tt.want, tt.wrong)
		}
	}
}
