// Package isolatortest is what tests of isolators have in common: the suite that
// every isolator passes, processes to isolate, a fake for those that use
// isolators, and a look at what is left behind. Product code never imports it.
package isolatortest
