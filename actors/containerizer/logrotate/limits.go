package logrotate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"mesos/messages/units"
)

// ErrLimits is wrapped by errors on limits that make no sense.
var ErrLimits = errors.New("invalid limits of a log")

// Limits bound one stream.
type Limits struct {
	Max      int64 // bytes in a file; at least MinMax
	Keep     int   // older files, 0 to MaxKeep
	Compress bool  // pack them by gzip, from the second on
}

// MinMax is the least size of a file, in bytes: one page. MaxKeep is the most
// older files.
const (
	MinMax  = 4096
	MaxKeep = 999
)

// Default is what Mesos bounds a log to, 10 MB, and one older file: who reads
// along finds the end of the last file there.
var Default = Limits{Max: 10 << 20, Keep: 1}

// WithSize sets the size from a text like 10MB.
func (l Limits) WithSize(text string) (Limits, error) {
	b, err := units.ParseBytes(text)
	if err != nil {
		return l, fmt.Errorf("%w: size: %w", ErrLimits, err)
	}
	if b < MinMax {
		return l, fmt.Errorf("%w: size %q is less than %d bytes", ErrLimits, text, MinMax)
	}
	l.Max = int64(b)
	return l, nil
}

// WithOptions sets the rest from options as logrotate(8) reads them: one a line,
// or parted by semicolons. Those that say what happens here anyway are allowed;
// others are refused by name.
func (l Limits) WithOptions(text string) (Limits, error) {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' }) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch {
		case words[0] == "rotate" && len(words) == 2:
			n, err := strconv.Atoi(words[1])
			if err != nil || n < 0 || n > MaxKeep {
				return l, fmt.Errorf("%w: option %q: want a number of files from 0 to %d", ErrLimits, strings.TrimSpace(line), MaxKeep)
			}
			l.Keep = n
		case len(words) == 1 && words[0] == "compress":
			l.Compress = true
		case len(words) == 1 && words[0] == "nocompress":
			l.Compress = false
		case len(words) == 1 && (words[0] == "delaycompress" || words[0] == "missingok" || words[0] == "notifempty" || words[0] == "copytruncate"):
		default:
			return l, fmt.Errorf("%w: option %q: supported are rotate N, compress, nocompress, delaycompress, missingok, notifempty, copytruncate", ErrLimits, strings.TrimSpace(line))
		}
	}
	return l, nil
}

// String is the limits as Parse reads them.
func (l Limits) String() string { return fmt.Sprintf("%d,%d,%v", l.Max, l.Keep, l.Compress) }

// Parse reads what String wrote.
func Parse(text string) (Limits, error) {
	var l Limits
	if n, err := fmt.Sscanf(text, "%d,%d,%t", &l.Max, &l.Keep, &l.Compress); n != 3 || err != nil || l.Max < MinMax || l.Keep < 0 || l.Keep > MaxKeep {
		return l, fmt.Errorf("%w: %q: want bytes,files,true or false", ErrLimits, text)
	}
	return l, nil
}

// EnvPrefix begins the names of the variables by which a container changes its
// own limits.
const EnvPrefix = "CONTAINER_LOGGER_"

// Override applies a container's variables, NAME=value, to the limits of its two
// streams.
func Override(stdout, stderr Limits, env []string) (out, err Limits, failed error) {
	for _, kv := range env {
		name, value, _ := strings.Cut(kv, "=")
		name, ours := strings.CutPrefix(name, EnvPrefix)
		if !ours {
			continue
		}
		switch name {
		case "MAX_STDOUT_SIZE":
			stdout, failed = stdout.WithSize(value)
		case "MAX_STDERR_SIZE":
			stderr, failed = stderr.WithSize(value)
		case "LOGROTATE_STDOUT_OPTIONS":
			stdout, failed = stdout.WithOptions(value)
		case "LOGROTATE_STDERR_OPTIONS":
			stderr, failed = stderr.WithOptions(value)
		}
		if failed != nil {
			return stdout, stderr, fmt.Errorf("variable %s%s: %w", EnvPrefix, name, failed)
		}
	}
	return stdout, stderr, nil
}
