// Package cluster starts real clusters for tests: the built programs as processes on loopback addresses, with a work
// directory of their own, and lets a test kill, stop and restart each of them. When the test ends nothing of the
// cluster is left: no daemon, no executor, no task, no file.
//
// Suites under tests call it; it imports none of our packages, so that what it shows is what a user's programs do. It
// never judges: a cluster that does not come up fails the test with its logs, everything else is the test's to assert.
//
//	func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }
//
//	func TestSomething(t *testing.T) {
//		c := cluster.Start(t, cluster.Options{Separate: true, Agents: 2})
//		c.Agents[0].Kill()
//		c.Agents[0].Restart()
//	}
package cluster
