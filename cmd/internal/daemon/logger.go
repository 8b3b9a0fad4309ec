package daemon

import (
	"errors"
	"fmt"
	"path/filepath"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/logrotate"
	"mesos/cmd/flags"
)

// The names of the container loggers that are built in: those that Mesos gives
// its modules.
const (
	sandboxLogger  = "org_apache_mesos_SandboxContainerLogger"
	rotatingLogger = "org_apache_mesos_LogrotateContainerLogger"
	loggerProgram  = "mesos-logger"
)

// rotationFrom reads which container logger there is, nil for plain files.
func rotationFrom(f *flags.Set, launcherDir string) (*containerizer.Rotation, error) {
	r := &containerizer.Rotation{Program: filepath.Join(launcherDir, loggerProgram), Stdout: logrotate.Default, Stderr: logrotate.Default}
	list, err := modulesFrom(f)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		if m.Name == rotatingLogger {
			if err := configure(r, m); err != nil {
				return nil, m.wrong(err)
			}
		}
	}
	switch name := f.String("container_logger"); name {
	case "", sandboxLogger:
		return nil, nil
	case rotatingLogger:
		return r, nil
	default:
		return nil, fmt.Errorf("flag --container_logger: %q is not one of %s, %s", name, sandboxLogger, rotatingLogger)
	}
}

func configure(r *containerizer.Rotation, m module) (err error) {
	for _, p := range m.Parameters {
		switch p.Key {
		case "max_stdout_size":
			r.Stdout, err = r.Stdout.WithSize(p.Value)
		case "max_stderr_size":
			r.Stderr, err = r.Stderr.WithSize(p.Value)
		case "logrotate_stdout_options":
			r.Stdout, err = r.Stdout.WithOptions(p.Value)
		case "logrotate_stderr_options":
			r.Stderr, err = r.Stderr.WithOptions(p.Value)
		case "environment_variable_prefix":
			if p.Value != logrotate.EnvPrefix {
				err = fmt.Errorf("only %q is supported", logrotate.EnvPrefix)
			}
		case "launcher_dir", "logrotate_path", "libprocess_num_worker_threads": // of programs that are not needed
		default:
			err = errors.New("there is no such parameter")
		}
		if err != nil {
			return fmt.Errorf("parameter %s: %w", p.Key, err)
		}
	}
	return nil
}
