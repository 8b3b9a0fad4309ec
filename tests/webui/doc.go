// Package webui drives the pages of a real cluster in a real browser: Chromium,
// which Debian's package "chromium" brings. Tests start the built programs, open
// the master's page, and do what a person does there; what they wait for they ask
// the page itself, with deadlines for a slow machine. Without a browser, or with
// programs that were built without the pages, they are skipped and say so.
//
// browser.go speaks the few words of Chromium's DevTools protocol that this
// needs, over a web socket; there is no driver in between.
package webui
