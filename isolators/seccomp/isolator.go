package seccomp

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Options of an isolator.
type Options struct {
	Dir     string // --seccomp_config_dir: where profiles are; "" for none but our own
	Profile string // --seccomp_profile_name: of containers that name none; "" for our own
}

// Seccomp is the isolator linux/seccomp.
type Seccomp struct {
	isolators.Launching
	o     Options
	usual *Profile // of containers that name none

	mu    sync.Mutex
	infos map[string]*v1.SeccompInfo // of containers, for sessions in them
}

var _ isolators.Isolator = (*Seccomp)(nil)

//go:embed default.json
var defaultText []byte

// Default is the profile of containers that name none on an agent that names none.
func Default() *Profile {
	p, err := Parse(defaultText)
	if err != nil {
		panic("seccomp: default.json: " + err.Error()) // it is part of the program
	}
	return p
}

var filters = isolators.NewFeature("filters of system calls", "a kernel with CONFIG_SECCOMP_FILTER", func() error {
	if native() == nil {
		return errNoArch
	}
	action := uint32(retErrno)
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action))); e != 0 {
		return e
	}
	return nil
})

// New makes one. Errors name the flag, or wrap *isolators.MissingError.
func New(o Options) (*Seccomp, error) {
	if err := filters.Missing(); err != nil {
		return nil, err
	}
	s := &Seccomp{o: o, infos: make(map[string]*v1.SeccompInfo)}
	if o.Profile == "" {
		s.usual = Default()
		return s, nil
	}
	var err error
	if s.usual, err = s.read(o.Profile); err != nil {
		return nil, fmt.Errorf("--seccomp_profile_name: %w", err)
	}
	return s, nil
}

// Name implements isolators.Isolator.
func (*Seccomp) Name() string { return "linux/seccomp" }

// read finds a profile by its name.
func (s *Seccomp) read(name string) (*Profile, error) {
	_, p, err := s.o.Read(name)
	return p, err
}

// Read finds a profile in the directory by its name: its text, which is good, and what
// that says.
func (o Options) Read(name string) ([]byte, *Profile, error) {
	if o.Dir == "" {
		return nil, nil, fmt.Errorf("profile %q: this agent has no directory of profiles: it needs --seccomp_config_dir", name)
	}
	if name != filepath.Base(name) || name == "." || name == ".." {
		return nil, nil, fmt.Errorf("profile %q: want the name of a file in --seccomp_config_dir", name)
	}
	text, err := os.ReadFile(filepath.Join(o.Dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("profile %q: want the name of a file in --seccomp_config_dir (%s)", name, o.Dir)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("profile %q: %w", name, err)
	}
	p, err := Parse(text)
	if err != nil {
		return nil, nil, fmt.Errorf("profile %q: %w", name, err)
	}
	return text, p, nil
}

// profile is that of a container, nil if it is to have none.
func (s *Seccomp) profile(info *v1.SeccompInfo) (*Profile, error) {
	switch {
	case info.GetUnconfined() && info.GetProfileName() != "":
		return nil, errors.New("container.linux_info.seccomp: want one of profile_name and unconfined")
	case info.GetUnconfined():
		return nil, nil
	case info.GetProfileName() == "":
		return s.usual, nil
	}
	p, err := s.read(info.GetProfileName())
	if err != nil {
		return nil, fmt.Errorf("container.linux_info.seccomp.profile_name: %w", err)
	}
	return p, nil
}

// Recover implements isolators.Isolator.
func (s *Seccomp) Recover(ctx context.Context, live []isolators.Live) error {
	s.mu.Lock()
	for _, l := range live {
		s.infos[l.ID] = l.Info.GetLinuxInfo().GetSeccomp()
	}
	s.mu.Unlock()
	return s.Launching.Recover(ctx, live)
}

// Prepare implements isolators.Isolator. A session has the profile of what it
// looks into, whatever it asks for itself.
func (s *Seccomp) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := s.Begin(c.ID); err != nil {
		return err
	}
	info := c.Info.GetLinuxInfo().GetSeccomp()
	s.mu.Lock()
	if up, nested := isolators.Parent(c.ID); nested && c.Session {
		info = s.infos[up]
	}
	s.infos[c.ID] = info
	s.mu.Unlock()
	p, err := s.profile(info)
	if err != nil || p == nil {
		return err
	}
	if l.Seccomp, err = p.Compile(subject(l)); err != nil {
		return fmt.Errorf("container.linux_info.seccomp: profile %q: %w", info.GetProfileName(), err)
	}
	return nil
}

// Cleanup implements isolators.Isolator.
func (s *Seccomp) Cleanup(ctx context.Context, id string) error {
	s.mu.Lock()
	delete(s.infos, id)
	s.mu.Unlock()
	return s.Launching.Cleanup(ctx, id)
}

// subject is what a container's filter is made for. Which capabilities it gets was
// settled before; without linux/capabilities, root has all and users have none.
func subject(l *boot.Launch) Subject {
	s := Subject{Kernel: kernel()}
	switch {
	case l.Capabilities != nil:
		s.Capabilities = l.Capabilities.Bounding
	case l.User == nil || l.User.UID == 0:
		s.Capabilities = math.MaxUint64
	}
	return s
}
