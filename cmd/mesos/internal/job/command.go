package job

import (
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// shellSigns make a single word a line for the shell.
const shellSigns = " \t\n|&;<>()$`\\\"'*?[]{}#~!"

// Command is the command of a task. Several words are a program and its arguments, passed on as they are; the agent
// finds a program without a slash in its PATH. A single word with blanks or other signs that mean something to a shell
// is a line for one.
func (o *Options) Command() *v1.CommandInfo {
	c := &v1.CommandInfo{Value: proto.String(o.Args[0]), Shell: proto.Bool(false), Arguments: o.Args}
	if len(o.Args) == 1 && strings.ContainsAny(o.Args[0], shellSigns) {
		c.Shell, c.Arguments = proto.Bool(true), nil
	}
	for _, kv := range o.Env {
		name, value, _ := strings.Cut(kv, "=")
		if c.Environment == nil {
			c.Environment = &v1.Environment{}
		}
		c.Environment.Variables = append(c.Environment.Variables, &v1.Environment_Variable{
			Name: &name, Value: &value, Type: v1.Environment_Variable_VALUE.Enum(),
		})
	}
	for _, u := range o.URIs {
		c.Uris = append(c.Uris, &v1.CommandInfo_URI{Value: proto.String(absolute(u))})
	}
	return c
}

// absolute leaves URIs alone and makes a path count from here: the agent does not know where "here" is. Agents on
// other machines need to see the file at the same path.
func absolute(uri string) string {
	if strings.Contains(uri, "://") || filepath.IsAbs(uri) {
		return uri
	}
	if abs, err := filepath.Abs(uri); err == nil {
		return abs
	}
	return uri
}

// ProgramName is a name for a command: its program without folder, or that of a shell line's first word.
func ProgramName(args []string) string {
	if len(args) == 0 {
		return ""
	}
	word := args[0]
	if fields := strings.Fields(word); len(fields) > 0 {
		word = fields[0]
	}
	return filepath.Base(word)
}
