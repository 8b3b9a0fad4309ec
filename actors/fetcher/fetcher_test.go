package fetcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mesos/actors/containerizer/launch"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func server(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/app.sh", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "#!/bin/sh\n") })
	mux.HandleFunc("/dir/a.tgz", func(w http.ResponseWriter, r *http.Request) { w.Write(gz(t, pack(t, file("inside")))) })
	mux.Handle("/moved", http.RedirectHandler("/app.sh", http.StatusFound))
	mux.HandleFunc("/torn", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, "short")
	})
	mux.HandleFunc("/mute", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func with(u *v1.CommandInfo_URI, change func(*v1.CommandInfo_URI)) *v1.CommandInfo_URI {
	change(u)
	return u
}

func TestFetch(t *testing.T) {
	web := server(t)
	yes, no := true, false
	home := t.TempDir()
	os.WriteFile(filepath.Join(home, "rel.txt"), []byte("rel"), 0o600)
	out := func(name string) func(*v1.CommandInfo_URI) {
		return func(u *v1.CommandInfo_URI) { u.OutputFile = &name }
	}
	tests := []struct {
		name    string
		uri     *v1.CommandInfo_URI
		file    string // that must be there
		mode    fs.FileMode
		without string // that must not
	}{
		{"http", uri(web + "/app.sh"), "app.sh", 0o644, ""},
		{"query and fragment", uri(web + "/app.sh?a=/b#c"), "app.sh", 0o644, ""},
		{"executable", with(uri(web+"/app.sh"), func(u *v1.CommandInfo_URI) { u.Executable = &yes }), "app.sh", 0o755, ""},
		{"redirect keeps the name", uri(web + "/moved"), "moved", 0o644, ""},
		{"output_file", with(uri(web+"/app.sh"), out("d/e/other")), "d/e/other", 0o644, "app.sh"},
		{"archive", uri(web + "/dir/a.tgz"), "inside", 0o755, ""},
		{"archive left alone", with(uri(web+"/dir/a.tgz"), func(u *v1.CommandInfo_URI) { u.Extract = &no }), "a.tgz", 0o644, "inside"},
		{"executable archive", with(uri(web+"/dir/a.tgz"), func(u *v1.CommandInfo_URI) { u.Executable = &yes }), "a.tgz", 0o755, "inside"},
		{"output_file decides on unpacking", with(uri(web+"/dir/a.tgz"), out("blob")), "blob", 0o644, "inside"},
		{"output_file makes it an archive", with(uri(web+"/dir/a.tgz"), out("b.tgz")), "inside", 0o755, "a.tgz"},
		{"relative", uri("rel.txt"), "rel.txt", 0o644, ""},
		{"absolute", uri(filepath.Join(home, "rel.txt")), "rel.txt", 0o644, ""},
		{"file", uri("file://" + filepath.Join(home, "rel.txt")), "rel.txt", 0o644, ""},
		{"file on localhost", uri("file://localhost" + filepath.Join(home, "rel.txt")), "rel.txt", 0o644, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sandbox, log, err := fetch(t, Options{FrameworksHome: home}, tt.uri)
			if err != nil {
				t.Fatal(err)
			}
			if i, err := os.Stat(filepath.Join(sandbox, tt.file)); err != nil || i.Mode() != tt.mode {
				t.Errorf("%s: got %v, %v, want mode %v", tt.file, i, err, tt.mode)
			}
			if tt.without != "" {
				if _, err := os.Lstat(filepath.Join(sandbox, tt.without)); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: got %v, want it absent", tt.without, err)
				}
			}
			if !strings.Contains(log, "Fetched ") {
				t.Errorf("got log %q, want a line for the fetch", log)
			}
		})
	}
}

func TestFetchRefusals(t *testing.T) {
	web := server(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	out := func(name string) *v1.CommandInfo_URI {
		return with(uri(web+"/app.sh"), func(u *v1.CommandInfo_URI) { u.OutputFile = &name })
	}
	tests := []struct {
		name string
		uri  *v1.CommandInfo_URI
		word string
	}{
		{"missing", uri(web + "/nothing"), "404"},
		{"torn", uri(web + "/torn"), "unexpected EOF"},
		{"no such host", uri("http://127.0.0.1:1/x"), "refused"},
		{"no file in path", uri(web + "/"), "output_file"},
		{"no path", uri(web), "output_file"},
		{"dots", uri(web + "/.."), "output_file"},
		{"scheme", uri("gopher://h/x"), `"gopher"`},
		{"scheme lists known", uri("gopher://h/x"), "file, ftp, hdfs, hftp, http, https, s3"},
		{"relative without home", uri("x/y"), "frameworks_home"},
		{"absent file", uri("/no/such/file"), "no such file"},
		{"directory", uri("/tmp"), "not a regular file"},
		{"pipe", uri(pipe), "not a regular file"},
		{"other host's file", uri("file://host/x"), `"host"`},
		{"output_file absolute", out("/etc/x"), "output_file"},
		{"output_file upwards", out("a/../../x"), "output_file"},
		{"output_file of the sandbox", out("stderr"), "own file"},
		{"nul", uri("http://h/\x00"), "NUL"},
		{"empty", uri(""), "frameworks_home"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sandbox, log, err := fetch(t, Options{}, tt.uri)
			var e *Error
			if !errors.As(err, &e) || e.URI != tt.uri.GetValue() || !strings.Contains(err.Error(), tt.word) {
				t.Errorf("got %v, want an *Error that names %q and says %q", err, tt.uri.GetValue(), tt.word)
			}
			if !strings.Contains(log, "Failed") {
				t.Errorf("got log %q, want the failure in it", log)
			}
			if left, _ := os.ReadDir(sandbox); len(left) != 0 {
				t.Errorf("got %v left in the sandbox, want nothing", left)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	web := server(t)
	_, log, err := fetch(t, Options{ProgressInterval: 1}, uri(web+"/app.sh"))
	if err != nil || !strings.Contains(log, "Fetching app.sh: 10 of 10 bytes (100 %)\n") {
		t.Errorf("got %v, log %q, want a line on how far it is", err, log)
	}
}

func TestStall(t *testing.T) {
	_, _, err := fetch(t, Options{StallTimeout: 50 * time.Millisecond}, uri(server(t)+"/mute"))
	if !errors.Is(err, ErrStalled) || !strings.Contains(err.Error(), "/mute") {
		t.Errorf("got %v, want ErrStalled that names the URI", err)
	}
}

func TestCancel(t *testing.T) {
	web := server(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("task killed")
	f := New(Options{Sources: map[string]Source{"wait": waiter(func() { cancel(why) })}})
	defer f.Close()
	sandbox := t.TempDir()
	err := f.Fetch(ctx, Request{Sandbox: sandbox, URIs: []*v1.CommandInfo_URI{uri(web + "/app.sh"), uri("wait://h/x")}})
	if !errors.Is(err, why) || !strings.Contains(err.Error(), "wait://h/x") {
		t.Errorf("got %v, want the cause %v and the URI", err, why)
	}
}

// waiter is a source that blocks until its context ends.
type waiter func()

func (w waiter) Open(ctx context.Context, _ string, _ *launch.Account) (io.ReadCloser, error) {
	w()
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestPasswordsAreNotPrinted(t *testing.T) {
	for _, u := range []string{"http://me:secret@127.0.0.1:1/x", "gopher://me:secret@h/%zz"} {
		_, log, err := fetch(t, Options{}, uri(u))
		e, ok := errors.AsType[*Error](err)
		if !ok || strings.Contains(log, "secret") || strings.Contains(e.URI, "secret") {
			t.Errorf("%s: got %v, log %q, want an error without the password", u, err, log)
		}
	}
}

func TestFilesBelongToTheUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	a, err := launch.LookupAccount("nobody")
	if err != nil {
		t.Skipf("no user to give them to: %v", err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	os.WriteFile(secret, nil, 0o600)
	open := filepath.Join(t.TempDir(), "a.tar")
	os.WriteFile(open, pack(t, file("d/f"), sym("l", "d/f")), 0o644)
	for p := filepath.Dir(open); p != os.TempDir(); p = filepath.Dir(p) {
		os.Chmod(p, 0o755)
	}
	sandbox := t.TempDir()
	f := New(Options{})
	defer f.Close()
	r := Request{Sandbox: sandbox, Account: a, URIs: []*v1.CommandInfo_URI{uri(open)}}
	if err := f.Fetch(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.tar", "d", "d/f", "l"} {
		i, err := os.Lstat(filepath.Join(sandbox, name))
		if err != nil {
			t.Fatal(err)
		}
		if s := i.Sys().(*syscall.Stat_t); s.Uid != a.UID || s.Gid != a.GID {
			t.Errorf("%s: got owner %d:%d, want %d:%d", name, s.Uid, s.Gid, a.UID, a.GID)
		}
	}
	r.URIs = []*v1.CommandInfo_URI{uri(secret)}
	if err := f.Fetch(t.Context(), r); !errors.Is(err, fs.ErrPermission) || !strings.Contains(fmt.Sprint(err), "nobody") {
		t.Errorf("got %v, want permission denied as user nobody", err)
	}
	if got, err := os.ReadFile(secret); err != nil {
		t.Errorf("got %q, %v: the caller lost its own rights", got, err)
	}
}
