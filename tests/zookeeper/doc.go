// Package zookeeper starts Debian's ZooKeeper servers for tests, and tests with them
// what is announced there and found.
//
// It owns the servers: each on a loopback address of its own, ended with its test.
// Suites that need clients of ZooKeeper call it. It knows nothing of masters but
// their nodes.
package zookeeper
