package vm

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Job is what a machine is started for.
type Job struct {
	Script string            // for /bin/sh, as root; what it leaves in the folder $OUT comes back
	Files  map[string]string // what else it finds: path there, file here; modes are kept
	Bare   bool              // without systemd
	Memory int               // MiB; 0: 1024
	CPUs   int               // 0: 1
	Limit  time.Duration     // of the whole run; 0: 15 minutes. It only ends what hangs
}

// Result is what came of a job.
type Result struct {
	Code    int               // the script's exit code
	Output  string            // what it printed, on all boots
	Console string            // what the machine printed, too
	Files   map[string][]byte // left in $OUT, by name
}

// Run runs the job in a machine of its own and waits for its end. It skips the
// test where no machine can be started, and fails it when the machine does not
// come to the end of the job.
func Run(t testing.TB, job Job) Result {
	t.Helper()
	if err := able("qemu-system-x86_64"); err != nil {
		t.Skipf("no test machine here: %v", err)
	}
	NeedTree(t)
	dir, err := cache()
	if err != nil {
		t.Fatal(err)
	}
	scratch := t.TempDir()
	in, out := filepath.Join(scratch, "in"), filepath.Join(scratch, "out")
	if err := pack(in, job); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(out, 256<<20); err != nil {
		t.Fatal(err)
	}
	console, err := boot(dir, scratch, in, out, job)
	if err != nil {
		t.Fatalf("test machine: %v; its console says\n%s", err, tail(console))
	}
	result, err := collect(out)
	if err != nil {
		t.Fatalf("the job did not come to its end: %v; the console says\n%s", err, tail(console))
	}
	result.Console = console
	return result
}

// boot runs the machine until it powers off and returns what it printed.
func boot(dir, scratch, in, out string, job Job) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), orDefault(job.Limit, 15*time.Minute))
	defer cancel()
	first := "/lib/systemd/systemd systemd.wants=vm-job.service"
	if job.Bare {
		first = "/usr/lib/vm/bare"
	}
	// -icount: the machine's clock goes by what it has executed, so on a busy host it is slow and not starved, and no
	// time in it runs out early.
	// nice: emulating is all work and no waiting, and goes on for minutes beside tests that mostly wait. Who may not do that is told so, and goes on.
	cmd := exec.CommandContext(ctx, "nice", "-n", "-8", "qemu-system-x86_64",
		"-M", "q35", "-accel", "tcg", "-icount", "shift=2",
		// Without erms the kernel and programs copy and clear memory by words, not by bytes, each of which is emulated.
		"-cpu", "max,-erms,-la57",
		"-m", strconv.Itoa(orDefault(job.Memory, 1024)), "-smp", strconv.Itoa(orDefault(job.CPUs, 1)),
		"-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio",
		"-kernel", filepath.Join(dir, kernelFile), "-initrd", filepath.Join(dir, initrdFile),
		// Nobody in the machine is a stranger to the others: what keeps them from guessing each other's memory only takes time.
		"-append", "console=ttyS0 quiet panic=1 mitigations=off init_on_alloc=0 systemd.show_status=no vm.init="+first,
		"-drive", "if=none,id=root,format=raw,snapshot=on,file="+filepath.Join(dir, diskFile), "-device", "virtio-blk-pci,drive=root",
		"-drive", "if=none,id=in,format=raw,readonly=on,file="+in, "-device", "virtio-blk-pci,drive=in",
		"-drive", "if=none,id=out,format=raw,file="+out, "-device", "virtio-blk-pci,drive=out",
	)
	cmd.Env = append(os.Environ(), "TMPDIR="+scratch) // where what the machine writes to its disk is kept
	// It ends with the thread that starts it, and so with a test that is ended: by go test, say, which has waited for too long.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var console bytes.Buffer
	cmd.Stdout, cmd.Stderr = &console, &console
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errors.Join(errors.New("it was not done in time"), err)
	}
	return console.String(), err
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// tail is the end of a long text.
func tail(text string) string {
	const enough = 8 << 10
	if len(text) > enough {
		return "…" + text[len(text)-enough:]
	}
	return text
}
