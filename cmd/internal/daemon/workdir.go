package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"mesos/actors/agent/store"
)

// workDir makes the agent's work directory and gives its absolute path.
func workDir(s AgentSettings) (string, error) {
	work, err := filepath.Abs(s.Config.WorkDir)
	if err == nil {
		err = os.MkdirAll(work, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("work_dir: %w", err)
	}
	return work, nil
}

// openStore opens what the agent keeps. Who wants to begin afresh forgets what
// is there; the agent then kills the containers of it as strays.
func openStore(work string, fresh bool, log *slog.Logger) (*store.Bolt, error) {
	st, err := store.Open(work, log)
	if err != nil || !fresh {
		return st, err
	}
	if err := st.Clear(); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return st, nil
}

// CleanUp kills every executor that an earlier run of the agent left and
// forgets that run: the next agent of the work directory is a new one. To its
// master the old one, with its tasks, is unreachable.
func CleanUp(s AgentSettings, log *slog.Logger) error {
	work, err := workDir(s)
	if err != nil {
		return err
	}
	st, err := store.Open(work, log)
	if err != nil {
		return err
	}
	old := len(st.Load().Executors)
	if err = killAll(s, work, log); err == nil {
		err = st.ClearRun()
	}
	if err = errors.Join(err, st.Close()); err == nil {
		log.Info("old executors killed, the agent's state is empty but for reservations and volumes", "work_dir", work, "executors", old)
	}
	return err
}

// killAll kills every container of a work directory, and removes what isolated it.
// No agent of that directory may run.
func killAll(s AgentSettings, work string, log *slog.Logger) error {
	imgs, files, err := s.Isolation.Images.open(work, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if imgs != nil {
		defer imgs.Close()
	}
	s.Isolation.Options.Files = files
	iso, err := s.Isolation.compose(work, s.Config.LauncherDir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	s.Containerizers.Docker.KillOrphans = true
	cont, err := (&composer{s: s, work: work, log: log, images: imgs}).compose(iso) // nothing is launched
	if err != nil {
		return err
	}
	_, err = cont.Recover(work, nil)
	return errors.Join(err, cont.Close(), s.Isolation.remove(work))
}
