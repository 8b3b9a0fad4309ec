// Package isolation proves that containers are held to what they have where the packages' own tests cannot: on another
// kernel, with every controller of cgroup v2, and by programs that know themselves what they use.
package isolation
