// Package storetest holds the suite that every registry.Store passes, and what a
// test needs to put agents into one. Tests of stores call it; nothing else does.
package storetest
