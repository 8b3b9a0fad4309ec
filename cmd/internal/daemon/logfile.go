package daemon

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"mesos/actors/logging"
	"mesos/cmd/flags"
)

// OpenLog is [Logging] that with --log_dir writes to a file there, too, to which each run of the program adds. The file
// stays open to the end of the program.
func OpenLog(f *flags.Set, program string) (*slog.Logger, *logging.Level, error) {
	path := logFile(f, program)
	if path == "" {
		log, level := Logging(f)
		return log, level, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, nil, fmt.Errorf("flag --log_dir: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("flag --log_dir: %w", err)
	}
	v := &slog.LevelVar{}
	v.Set(threshold(f))
	var to slog.Handler = slog.NewTextHandler(file, &slog.HandlerOptions{Level: v})
	if f.String("log_format") == "json" {
		to = slog.NewJSONHandler(file, &slog.HandlerOptions{Level: v})
	}
	if !f.Bool("quiet") {
		to = slog.NewMultiHandler(Logger(f.String("log_format"), v).Handler(), to)
	}
	return slog.New(to), logging.New(v), nil
}

// logFile is the file of --log_dir, with the name that Mesos's programs give theirs; "" without one.
func logFile(f *flags.Set, program string) string {
	dir := f.String("log_dir")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, program+".INFO")
}

// shownLog is the file that is read as the daemon's log over HTTP; "" for none.
func shownLog(f *flags.Set, program string) string {
	if file := f.String("external_log_file"); file != "" {
		return file
	}
	return logFile(f, program)
}
