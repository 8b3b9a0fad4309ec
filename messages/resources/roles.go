package resources

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ValidateRole says whether role may be the name of a role: "*", or path
// components divided by single slashes, such as "eng/web".
func ValidateRole(role string) error {
	if fault := roleFault(role); fault != "" {
		return fmt.Errorf("role %s", fault)
	}
	return nil
}

// roleFault returns the rule that role breaks, beginning with the role; "" if none.
func roleFault(role string) string {
	switch {
	case role == "":
		return "must not be empty"
	case role == "*":
		return ""
	case !utf8.ValidString(role):
		return fmt.Sprintf("%.60q must be UTF-8", role)
	}
	for part := range strings.SplitSeq(role, "/") {
		if rule := partFault(part); rule != "" {
			return fmt.Sprintf("%.60q %s", role, rule)
		}
	}
	return ""
}

func partFault(part string) string {
	switch {
	case part == "":
		return "must not begin or end with a slash or have two in a row"
	case part == ".", part == "..":
		return "must not have . or .. as a component: roles become directory names"
	case part == "*":
		return "must not have * as a component: it means every role"
	case part[0] == '-':
		return "must not have a component that begins with a dash"
	case strings.ContainsFunc(part, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		return "must not have white space, backspace or control characters"
	}
	return ""
}

// IsStrictSubrole says whether role lies below ancestor: "eng/web" below "eng".
func IsStrictSubrole(role, ancestor string) bool {
	return len(role) > len(ancestor) && role[len(ancestor)] == '/' && role[:len(ancestor)] == ancestor
}
