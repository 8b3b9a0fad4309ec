// Package version holds what a program says about itself: the Mesos release whose interfaces it speaks and the
// commit it was built from. The linker sets both (make build); the programs under cmd read them and hand them to the
// actors that answer /version. It decides nothing.
package version

import "runtime/debug"

// Version is the Mesos release whose interfaces the program speaks, like "1.11.0". Clients compare it.
var Version = "1.11.0"

// Revision is the commit that the program was built from, abbreviated; empty when unknown.
var Revision = ""

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
