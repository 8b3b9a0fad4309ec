//go:build race

package simtest

// raceDetector says that the test runs under the race detector, ten times slower.
const raceDetector = true
