package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// DefaultPath is where commands are looked for when their environment names no
// PATH.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// ErrCommand is wrapped when a CommandInfo cannot be turned into a process.
var ErrCommand = errors.New("invalid command")

// Argv gives the file to execute and its arguments, the program's own name
// first. A shell command runs in /bin/sh; any other runs its value directly,
// with the arguments as they are (the first one is argv[0]). A value without a
// slash is looked up in the PATH of env, relative entries counting from dir,
// the directory that the command will run in.
func Argv(c *v1.CommandInfo, env []string, dir string) (file string, argv []string, err error) {
	if file, argv, err = Words(c); err != nil {
		return "", nil, err
	}
	file, err = lookPath(file, Getenv(env, "PATH"), dir)
	return file, argv, err
}

// Words is Argv without looking for the file.
func Words(c *v1.CommandInfo) (file string, argv []string, err error) {
	value := c.GetValue()
	if value == "" {
		return "", nil, fmt.Errorf("%w: command.value is empty; give a command line (shell) or a program", ErrCommand)
	}
	if c.GetShell() {
		if strings.ContainsRune(value, 0) {
			return "", nil, fmt.Errorf("%w: command.value holds a NUL byte", ErrCommand)
		}
		return "/bin/sh", []string{"sh", "-c", value}, nil
	}
	argv = c.GetArguments()
	if len(argv) == 0 {
		argv = []string{value}
	}
	for i, a := range argv {
		if strings.ContainsRune(a, 0) {
			return "", nil, fmt.Errorf("%w: command.arguments[%d] holds a NUL byte", ErrCommand, i)
		}
	}
	return value, argv, nil
}

func lookPath(name, path, dir string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return name, nil // the kernel resolves it, from dir when relative
	}
	if path == "" {
		path = DefaultPath
	}
	for _, d := range filepath.SplitList(path) {
		if !filepath.IsAbs(d) {
			d = filepath.Join(dir, d)
		}
		p := filepath.Join(d, name)
		if i, err := os.Stat(p); err == nil && i.Mode().IsRegular() && i.Mode()&0o111 != 0 {
			return p, nil
		}
	}
	return "", fmt.Errorf("%w: program %q is not in PATH %q: %w", ErrCommand, name, path, fs.ErrNotExist)
}
