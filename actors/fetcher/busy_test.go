package fetcher

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

// TestFetchedProgramsCanBeStarted starts programs the moment they are fetched, while others are being started all the
// time: no child of those may still hold a program open for writing, however the program comes into the sandbox.
func TestFetchedProgramsCanBeStarted(t *testing.T) {
	program, err := exec.LookPath("true")
	if err != nil {
		t.Skipf("no program to fetch: %v", err)
	}
	archive := filepath.Join(t.TempDir(), "archive.tar")
	if out, err := exec.Command("tar", "-chf", archive, "-C", filepath.Dir(program), "true").CombinedOutput(); err != nil {
		t.Fatalf("tar: %v: %s", err, out)
	}
	stop := make(chan struct{})
	var others sync.WaitGroup
	defer others.Wait()
	defer close(stop)
	for range 4 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = exec.Command(program).Run() // what comes of it is nobody's concern
				}
			}
		})
	}
	executable := func(u *v1.CommandInfo_URI) { u.Executable = new(true) }
	cached := func(u *v1.CommandInfo_URI) { executable(u); u.Cache = new(true) }
	for name, u := range map[string]*v1.CommandInfo_URI{
		"file": with(uri(program), executable), "from the cache": with(uri(program), cached), "in an archive": uri(archive),
	} {
		t.Run(name, func(t *testing.T) {
			f := New(Options{CacheDir: t.TempDir()})
			defer f.Close()
			for range 80 {
				if err := fetchAndStart(t, f, u); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func fetchAndStart(t *testing.T, f *Fetcher, u *v1.CommandInfo_URI) error {
	sandbox := t.TempDir()
	if err := f.Fetch(t.Context(), Request{Sandbox: sandbox, URIs: []*v1.CommandInfo_URI{u}}); err != nil {
		return err
	}
	err := exec.Command(filepath.Join(sandbox, "true")).Run()
	if errors.Is(err, syscall.ETXTBSY) {
		return fmt.Errorf("start of what was fetched: %w", err)
	}
	return errors.Join(err, os.RemoveAll(sandbox))
}
