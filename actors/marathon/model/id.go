package model

import (
	"regexp"
	"strings"
)

// segment is one part of an id.
var segment = regexp.MustCompile(`^(([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])\.)*([a-z0-9]|[a-z0-9][a-z0-9\-]*[a-z0-9])$`)

// Root is the id of the group that holds all.
const Root = "/"

// Resolve makes an id absolute: "db" and "../db" stand below base. Doubled and
// closing slashes vanish.
func Resolve(base, id string) string {
	var parts []string
	if !strings.HasPrefix(id, "/") {
		parts = split(base)
	}
	for _, p := range split(id) {
		switch {
		case p == "..":
			parts = parts[:max(0, len(parts)-1)]
		case p != ".":
			parts = append(parts, p)
		}
	}
	return "/" + strings.Join(parts, "/")
}

func split(id string) []string {
	return strings.FieldsFunc(id, func(r rune) bool { return r == '/' })
}

// CheckID says what is wrong with an absolute id, "" for nothing.
func CheckID(id string) string {
	for _, p := range split(id) {
		if !segment.MatchString(p) || p == "restart" || p == "tasks" || p == "versions" {
			return "must be words of lower case letters, digits, dashes and dots with slashes between, and none may be restart, tasks or versions; got " + id
		}
	}
	return ""
}

// Parent is the group that an id stands in.
func Parent(id string) string {
	return id[:max(1, strings.LastIndexByte(id, '/'))]
}

// Within says that id is group, or stands below it.
func Within(id, group string) bool {
	return group == Root || id == group || strings.HasPrefix(id, group+"/")
}

// Safe is an id in a form that task ids may hold: "product_web" for /product/web.
func Safe(id string) string { return strings.Join(split(id), "_") }

// Label is an id as the name of a task: "web.product" for /product/web, so that
// names of service discovery read from the inside out.
func Label(id string) string {
	parts := split(id)
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.Join(parts, ".")
}
