// Package version holds what a program says about itself: the Mesos release whose interfaces it speaks and the
// commit it was built from. The linker sets both (make build); the programs under cmd read them and hand them to the
// actors that answer /version. It decides nothing.
package version

import (
	"runtime/debug"
	"time"
)

// Version is the Mesos release whose interfaces the program speaks, like "1.11.0". Clients compare it.
var Version = "1.11.0"

// Revision is the commit that the program was built from, abbreviated; empty when unknown.
var Revision = ""

// Branch is the branch that was built, like "refs/heads/main"; empty when unknown.
var Branch = ""

// BuildDate is the date of that commit, like "2024-05-01T12:00:00Z"; empty when unknown.
var BuildDate = ""

// BuildUser is who built the program; empty when unknown.
var BuildUser = ""

// BuildTime is BuildDate in seconds since 1970, 0 when unknown.
func BuildTime() float64 {
	t, err := time.Parse(time.RFC3339, BuildDate)
	if err != nil {
		return 0
	}
	return float64(t.Unix())
}

func init() {
	if Revision != "" {
		return
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			Revision = s.Value
		}
	}
}
