// Package ids makes the identifier messages of mesos.v1 from strings, and says
// which strings may be identifiers.
//
// Every layer uses it; it imports nothing of ours but the generated types and
// keeps no state.
package ids

import (
	"fmt"
	"strings"
	"unicode/utf8"

	v1 "mesos/messages/mesos/v1"
)

// MaxLength is the longest identifier in bytes that is accepted. An id becomes
// a file name in the sandbox tree, and file systems stop at 255 bytes.
const MaxLength = 255

// Framework wraps s as a FrameworkID.
func Framework(s string) *v1.FrameworkID { return &v1.FrameworkID{Value: &s} }

// Agent wraps s as an AgentID.
func Agent(s string) *v1.AgentID { return &v1.AgentID{Value: &s} }

// Provider wraps s as a ResourceProviderID; "", which stands for the agent itself, as none.
func Provider(s string) *v1.ResourceProviderID {
	if s == "" {
		return nil
	}
	return &v1.ResourceProviderID{Value: &s}
}

// Task wraps s as a TaskID.
func Task(s string) *v1.TaskID { return &v1.TaskID{Value: &s} }

// Executor wraps s as an ExecutorID.
func Executor(s string) *v1.ExecutorID { return &v1.ExecutorID{Value: &s} }

// Offer wraps s as an OfferID.
func Offer(s string) *v1.OfferID { return &v1.OfferID{Value: &s} }

// Container wraps s as a ContainerID without parent.
func Container(s string) *v1.ContainerID { return &v1.ContainerID{Value: &s} }

// Check says whether s may be an identifier: it becomes a single path
// component of the sandbox tree and a word in logs and URLs. field names the
// field in the returned error.
func Check(field, s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%s must not be empty", field)
	case len(s) > MaxLength:
		return fmt.Errorf("%s is %d bytes long: at most %d are allowed", field, len(s), MaxLength)
	case s == "." || s == "..":
		return fmt.Errorf("%s %q is a directory name with a meaning of its own: choose another", field, s)
	case !utf8.ValidString(s):
		return fmt.Errorf("%s %q is not valid UTF-8", field, s)
	}
	if i := strings.IndexFunc(s, badRune); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return fmt.Errorf("%s %q has the character %q at byte %d: slashes and control characters are not allowed", field, shorten(s), r, i)
	}
	return nil
}

// badRune says which runes could leave the directory of an id or hide in a log line.
func badRune(r rune) bool { return r == '/' || r == '\\' || r < 0x20 || r == 0x7f }

func shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
