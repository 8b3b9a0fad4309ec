package daemon

import (
	"fmt"
	"os"
	"strings"

	"mesos/actors/authorization"
	"mesos/cmd/flags"
)

// rulesFrom reads who may do what by --acls, JSON or the path of a file; nil without it: everybody may do everything.
func rulesFrom(f *flags.Set) (*authorization.Rules, error) {
	text := strings.TrimSpace(f.String("acls"))
	if text == "" {
		return nil, nil
	}
	from := ""
	if !strings.HasPrefix(text, "{") {
		data, err := os.ReadFile(text)
		if err != nil {
			return nil, fmt.Errorf(`flag --acls: want JSON like {"run_tasks":[…]} or the path of a file with it: %w`, err)
		}
		text, from = string(data), text+": "
	}
	rules, err := authorization.Parse([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("flag --acls: %s%w", from, err)
	}
	return rules, nil
}
