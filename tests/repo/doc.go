// Package repo guards the repository itself. Its tests read the source tree as text, so they hold for packages that are
// added later, and fail with the file and the reason: who may import whom (layers_test.go), which libraries and calls
// are kept out of where and why (bans_test.go, pure_test.go), what mesos-executor may link (small_test.go), package
// comments (docs_test.go), sizes, formatting, READMEs and paths of somebody's machine (files_test.go).
//
// A rule is a row of data with its reason beside it. It never looks at what code does.
package repo
