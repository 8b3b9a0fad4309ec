// Package leader says how masters find out which of them leads, and how all
// others do.
//
// A [Contender] lets a master wait until it leads; what it then gets is the store
// of the registry, whose guard is its leadership. A [Detector] tells who leads:
// agents, framework drivers, tools and standby masters watch one. [Election] is the model for tests, which stands in for package consul.
//
// The package never talks to masters, and decides nothing for those who call it.
package leader
