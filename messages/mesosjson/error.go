package mesosjson

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a JSON text, or with a message that cannot be
// written as one.
type Error struct {
	// Path leads to the field from the outermost message, like
	// accept.operations[0].launch.task_infos[2].limits["cpus"].value.
	// It is empty if the message as a whole is meant.
	Path string
	// Msg continues the sentence that the path begins: "is required",
	// `expects a number, not "abc"`.
	Msg string
}

// Error is the whole sentence, without a full stop.
func (e *Error) Error() string {
	if e.Path == "" {
		return "the message " + e.Msg
	}
	return e.Path + " " + e.Msg
}

func errorf(format string, args ...any) *Error {
	return &Error{Msg: fmt.Sprintf(format, args...)}
}

// in puts a step in front of the path: a field name, [3] or ["key"]. Errors are
// made without a path where they happen and get it while returning, so that
// paths cost nothing as long as all goes well.
func (e *Error) in(step string) *Error {
	if e.Path != "" && !strings.HasPrefix(e.Path, "[") {
		step += "."
	}
	e.Path = step + e.Path
	return e
}

// quote shows a piece of the user's text, shortened to what a log line bears.
func quote(text []byte) string {
	const most = 40
	if len(text) > most {
		return fmt.Sprintf("%q…", text[:most])
	}
	return fmt.Sprintf("%q", text)
}
