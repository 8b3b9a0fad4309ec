package network

import (
	"errors"
	"os"
	"path/filepath"
)

// Kept says that something of containers' networks is kept in Options.Root: of those that live, or of dead ones that
// nobody has taken apart. An agent that was started without networks needs an Isolator with no names then.
func Kept(o Options) bool {
	left, err := os.ReadDir(o.Root)
	return err == nil && len(left) > 0
}

// undoes is the kind that takes an attachment apart. It need not be one that this agent has: containers
// outlive agents, and the next one may have been started with other networks, or none.
func (i *Isolator) undoes(a *attachment) (kind, error) {
	switch {
	case a.Bridge && (i.bridge == nil || i.bridge.name != a.Network):
		o := i.o
		o.Name = a.Network
		if len(a.Addresses) > 0 { // its agent lived until it had one
			o.Subnet = a.Addresses[0].Masked()
		}
		return newBridge(o)
	case !a.Bridge && i.plugin == nil:
		// They are called with the configuration that they were called with: only where they are must be known.
		p := &plugins{path: filepath.SplitList(i.o.Plugins)}
		if len(p.path) == 0 {
			return nil, errors.New("the agent was started without " + CNI + ", and without the directory of its plugins, which are to undo it")
		}
		return p, nil
	}
	return i.of(a), nil
}
