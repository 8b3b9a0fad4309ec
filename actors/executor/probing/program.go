// Package probing makes the probes of checks that need no command: it owns how a
// web server or a port is asked, by itself or by mesos-probe. Executors call it,
// on goroutines of their own; it decides nothing, and keeps nothing.
package probing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"mesos/actors/checks"
	"mesos/actors/checks/httpget"
	"mesos/actors/containerizer/proctree"
)

// Ask makes a probe over HTTP, HTTPS or TCP, and waits for its end or ctx's. What
// is HTTPS, or redirected to it, is asked by mesos-probe, whose path is program.
func Ask(ctx context.Context, p checks.Probe, program string) checks.Result {
	if !strings.HasPrefix(p.URL, "https:") {
		if r := checks.Socket(ctx, p); !errors.Is(r.Err, httpget.ErrScheme) {
			return r
		}
	}
	return askByProgram(ctx, p.URL, program)
}

// askByProgram has mesos-probe ask for a URL. It says little, so that the pipe
// holds it until the end. Package os/exec would be most of a small executor.
func askByProgram(ctx context.Context, url, program string) checks.Result {
	r, w, err := os.Pipe()
	if err != nil {
		return checks.Result{Err: fmt.Errorf("pipe for mesos-probe: %w", err)}
	}
	defer r.Close()
	defer w.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return checks.Result{Err: err}
	}
	defer null.Close()
	proc, err := os.StartProcess(program, []string{"mesos-probe", url}, &os.ProcAttr{Files: []*os.File{null, w, w}})
	if err != nil {
		return checks.Result{Err: err}
	}
	stop := context.AfterFunc(ctx, func() { _ = proc.Kill() }) // fails only for what has ended
	end, err := proc.Wait()
	stop()
	if err != nil {
		return checks.Result{Err: fmt.Errorf("wait for mesos-probe: %w", err)}
	}
	w.Close()
	how := ""
	if !end.Success() {
		how = proctree.Describe(end.Sys().(syscall.WaitStatus))
	}
	return Said(r, how)
}

// Said is the result of mesos-probe, which has ended: what it wrote to a pipe, and
// how it ended, "" for well.
func Said(pipe *os.File, how string) checks.Result {
	said := make([]byte, 4096)
	n, _ := pipe.Read(said) // nothing is no status
	said = bytes.TrimSpace(said[:n])
	if how != "" {
		return checks.Result{Err: fmt.Errorf("mesos-probe %s: %s", how, said)}
	}
	status, err := strconv.Atoi(string(said))
	return checks.Result{Err: err, Status: status}
}
