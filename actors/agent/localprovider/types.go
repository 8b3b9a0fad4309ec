package localprovider

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"mesos/actors/agent"
	v1 "mesos/messages/mesos/v1"
)

// Provider is one resource provider. Run serves until ctx ends, and returns
// earlier only if it was marked gone.
type Provider interface {
	Run(ctx context.Context, link agent.ProviderLink)
}

// Type is a kind of provider.
type Type struct {
	// Check says what of a configuration cannot be, naming the field; it changes nothing.
	Check func(info *v1.ResourceProviderInfo) error
	// Place names what no two providers of the type may share.
	Place func(info *v1.ResourceProviderInfo) string
	// New makes a provider of a configuration that Check accepts. afresh says that an operator has just asked for it: one
	// that was marked gone begins anew under another id then, and else stays gone.
	New func(info *v1.ResourceProviderInfo, afresh bool, log *slog.Logger) (Provider, error)
}

// Types are the types that an agent knows, by name.
func Types() map[string]Type {
	return map[string]Type{DirectoryType: {Check: checkDirectory, Place: placeOfDirectory, New: newDirectory}}
}

// names lists types for people.
func names(types map[string]Type) string {
	return strings.Join(slices.Sorted(maps.Keys(types)), ", ")
}

// check refuses configurations that no provider can be made of.
func check(types map[string]Type, info *v1.ResourceProviderInfo) error {
	t, known := types[info.GetType()]
	switch {
	case info.Id != nil:
		return fmt.Errorf("info.id %q must not be set: the agent gives it", info.GetId().GetValue())
	case !known:
		return fmt.Errorf("info.type %q is not known: it must be one of %s", info.GetType(), names(types))
	}
	if err := checkName("info.type", info.GetType()); err != nil {
		return err
	}
	if err := checkName("info.name", info.GetName()); err != nil {
		return err
	}
	return t.Check(info)
}

// checkName refuses what cannot be part of the name of a file or a metric.
func checkName(field, s string) error {
	bad := strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
	if s == "" || bad >= 0 || strings.HasPrefix(s, ".") || len(s) > 200 {
		return fmt.Errorf("%s %.100q must be letters, digits, points, underscores and dashes, 1 to 200 of them, and not begin with a point", field, s)
	}
	return nil
}
