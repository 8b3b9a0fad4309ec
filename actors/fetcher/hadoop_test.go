package fetcher

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mesos/actors/containerizer/launch"
	v1 "mesos/messages/mesos/v1"
)

// client installs a program in place of hadoop's client and gives its home.
func client(t *testing.T, script string) string {
	t.Helper()
	home, err := os.MkdirTemp("", "hadoop") // not t.TempDir: other users must come in
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	bin := filepath.Join(home, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	os.Chmod(home, 0o755)
	if err := os.WriteFile(filepath.Join(bin, "hadoop"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return home
}

func TestHadoop(t *testing.T) {
	home := client(t, `
[ "$1 $2" = "fs -copyToLocal" ] || exit 2
case "$3" in
*/missing) echo "copyToLocal: no such file: $3" >&2; exit 1;;
*/nothing) exit 0;;
esac
echo "$3" > "$4"; id -u >> "$4"`)
	tests := []struct{ uri, word string }{
		{"hdfs://name:8020/dir/file", ""},
		{"viewfs://c/file", ""},
		{"hdfs://name/missing", "no such file: hdfs://name/missing"},
		{"hdfs://name/nothing", "no such file"},
	}
	for _, tt := range tests {
		sandbox, _, err := fetch(t, Options{HadoopHome: home}, uri(tt.uri))
		if tt.word != "" {
			if err == nil || !strings.Contains(err.Error(), tt.word) {
				t.Errorf("%s: got %v, want an error that says %q", tt.uri, err, tt.word)
			}
			continue
		}
		got, rerr := os.ReadFile(filepath.Join(sandbox, "file"))
		if err != nil || rerr != nil || !strings.HasPrefix(string(got), tt.uri+"\n") {
			t.Errorf("%s: got %q, %v, %v, want what the client wrote", tt.uri, got, err, rerr)
		}
	}
}

func TestHadoopRunsAsTheUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can run it as another")
	}
	a, err := launch.LookupAccount("nobody")
	if err != nil {
		t.Skipf("no user to run it as: %v", err)
	}
	f := New(Options{HadoopHome: client(t, `id -un > "$4"`)})
	defer f.Close()
	sandbox := t.TempDir()
	if err := f.Fetch(t.Context(), Request{Sandbox: sandbox, Account: a, URIs: []*v1.CommandInfo_URI{uri("hdfs://h/f")}}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(sandbox, "f")); string(got) != "nobody\n" {
		t.Errorf("got %q, want it run by nobody", got)
	}
}

func TestNoHadoop(t *testing.T) {
	if _, _, err := fetch(t, Options{HadoopHome: t.TempDir()}, uri("hdfs://h/f")); !errors.Is(err, ErrNoHadoop) {
		t.Errorf("got %v, want ErrNoHadoop", err)
	}
}

func TestHadoopStallsAndIsCancelled(t *testing.T) {
	home := client(t, `sleep 1000 & wait`)
	if _, _, err := fetch(t, Options{HadoopHome: home, StallTimeout: 100 * time.Millisecond}, uri("hdfs://h/f")); !errors.Is(err, ErrStalled) {
		t.Errorf("got %v, want ErrStalled", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("task killed")
	cancel(why)
	f := New(Options{HadoopHome: home})
	defer f.Close()
	if err := f.Fetch(ctx, Request{Sandbox: t.TempDir(), URIs: []*v1.CommandInfo_URI{uri("hdfs://h/f")}}); !errors.Is(err, why) {
		t.Errorf("got %v, want the cause %v", err, why)
	}
}

// A client that works is not stalled, though nothing can be read yet.
func TestGrowthIsSeen(t *testing.T) {
	var moved atomic.Int32
	dir := t.TempDir()
	stop := watchGrowth(context.WithValue(t.Context(), movingKey{}, func() { moved.Add(1) }), dir)
	defer stop()
	for i := range int32(2) {
		if err := os.WriteFile(filepath.Join(dir, "file._COPYING_"), make([]byte, i+1), 0o644); err != nil {
			t.Fatal(err)
		}
		await(t, "growth to be seen", func() bool { return moved.Load() == i+1 })
	}
}
