package files

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"mesos/actors/httpapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sandbox makes a sandbox with all that a task may leave behind, a secret beside it, and a table that shows it.
func sandbox(t testing.TB) (f *Files, dir string) {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(top, "run")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(dir, "data", "deep"), 0o755))
	must(os.WriteFile(filepath.Join(top, "secret"), []byte("secret"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "stdout"), []byte("out\n"), 0o644))
	must(os.WriteFile(filepath.Join(dir, "data", "x"), []byte("x"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "big"), []byte(strings.Repeat("0123456789abcdef", 10_000)), 0o644))
	must(os.Symlink("../secret", filepath.Join(dir, "out1")))
	must(os.Symlink(filepath.Join(top, "secret"), filepath.Join(dir, "out2")))
	must(os.Symlink("..", filepath.Join(dir, "up")))
	must(os.Symlink("data/x", filepath.Join(dir, "in")))
	must(os.Symlink(filepath.Join(dir, "data"), filepath.Join(dir, "abs")))
	must(os.Symlink(dir, filepath.Join(dir, "self")))
	must(os.Symlink("loop", filepath.Join(dir, "loop")))
	must(syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	must(os.Symlink(dir, filepath.Join(top, "latest")))
	f = New()
	must(f.Attach("/sandbox", dir))
	must(f.Attach("/latest/", filepath.Join(top, "latest")))
	must(f.Attach("/sandbox/log", filepath.Join(dir, "stdout")))
	must(f.Attach(dir, dir))
	return f, dir
}

func TestRead(t *testing.T) {
	f, dir := sandbox(t)
	tests := []struct {
		path           string
		offset, length int64
		want           string
		wantOffset     int64
		err            error
	}{
		{"/sandbox/stdout", 0, -1, "out\n", 0, nil},
		{"/sandbox//./stdout/", 0, -1, "out\n", 0, nil},
		{"/latest/stdout", 1, 2, "ut", 1, nil},
		{dir + "/stdout", 0, 100, "out\n", 0, nil},
		{"/sandbox/log", 0, -1, "out\n", 0, nil}, // the longest attached path wins
		{"/sandbox/in", 0, -1, "x", 0, nil},
		{"/sandbox/abs/x", 0, -1, "x", 0, nil}, // within, though by an absolute link
		{"/sandbox/self/abs/x", 0, -1, "x", 0, nil},
		{"/sandbox/abs/../../secret", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/self/../secret", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/self/out1", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/self/out2", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/abs/none", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/data/../stdout", 0, -1, "out\n", 0, nil},
		{"/sandbox/stdout", -1, -1, "", 4, nil},
		{"/sandbox/stdout", -1, 100, "", 4, nil},
		{"/sandbox/stdout", 4, 10, "", 4, nil},
		{"/sandbox/stdout", 1 << 62, 10, "", 1 << 62, nil},
		{"/sandbox/stdout", 0, 0, "", 0, nil},
		{"", 0, -1, "", 0, ErrInvalid},
		{"/sandbox/stdout", -2, 1, "", 0, ErrInvalid},
		{"/sandbox/stdout", 0, -2, "", 0, ErrInvalid},
		{"/sandbox", 0, -1, "", 0, ErrInvalid},
		{"/sandbox/data", 0, -1, "", 0, ErrInvalid},
		{"/sandbox/pipe", 0, -1, "", 0, ErrInvalid},
		{"/sandbox/a\x00b", 0, -1, "", 0, ErrInvalid},
		{"/sandbox/" + strings.Repeat("n", 10_000), 0, -1, "", 0, ErrInvalid},
		{"/nope", 0, -1, "", 0, ErrNotFound},
		{"/", 0, -1, "", 0, ErrNotFound},
		{"..", 0, -1, "", 0, ErrNotFound},
		{"/sandboxes/stdout", 0, -1, "", 0, ErrNotFound},
		{"/sandbox/nope", 0, -1, "", 0, ErrNotFound},
		{"/sandbox/loop", 0, -1, "", 0, ErrNotFound},
		{"/sandbox/stdout/x", 0, -1, "", 0, ErrNotFound},
		{"/sandbox/log/x", 0, -1, "", 0, ErrNotFound},
		{"/sandbox/../secret", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/data/../../secret", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/out1", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/out2", 0, -1, "", 0, ErrForbidden},
		{"/sandbox/up/secret", 0, -1, "", 0, ErrForbidden},
	}
	for _, tt := range tests {
		c, err := f.Read(tt.path, tt.offset, tt.length)
		if !errors.Is(err, tt.err) || string(c.Data) != tt.want || c.Offset != tt.wantOffset {
			t.Errorf("Read(%.60q, %d, %d): got %q at %d, %v, want %q at %d, %v", tt.path, tt.offset, tt.length, c.Data, c.Offset, err, tt.want, tt.wantOffset, tt.err)
		}
		if err != nil && Status(err) >= 500 {
			t.Errorf("Read(%.60q): %v would be answered %d", tt.path, err, Status(err))
		}
	}
}

func TestReadIsCapped(t *testing.T) {
	f, _ := sandbox(t)
	for _, length := range []int64{-1, 1 << 20, 1 << 62} {
		c, err := f.Read("/sandbox/big", 16, length)
		if err != nil || len(c.Data) != MaxRead || c.Size != 160_000 || string(c.Data[:4]) != "0123" {
			t.Errorf("length %d: got %d bytes of %d, %v, want %d", length, len(c.Data), c.Size, err, MaxRead)
		}
	}
}

func TestDetach(t *testing.T) {
	f, dir := sandbox(t)
	f.Detach("/sandbox/log")
	if _, err := f.Read("/sandbox/log", 0, -1); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Detach: got %v, want %v", err, ErrNotFound)
	}
	f.Detach("/nobody")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Browse("/sandbox"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after removal: got %v, want %v", err, ErrNotFound)
	}
	if err := f.Attach("/gone", dir); err == nil {
		t.Error("a path that does not exist was attached")
	}
	if err := f.Attach("/", os.TempDir()); !errors.Is(err, ErrInvalid) {
		t.Errorf("Attach of /: got %v, want %v", err, ErrInvalid)
	}
}

func TestBrowse(t *testing.T) {
	f, _ := sandbox(t)
	infos, err := f.Browse("/sandbox/")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"/sandbox/big": "-rw-r--r--", "/sandbox/data": "drwxr-xr-x", "/sandbox/in": "lrwxrwxrwx", "/sandbox/loop": "lrwxrwxrwx",
		"/sandbox/out1": "lrwxrwxrwx", "/sandbox/out2": "lrwxrwxrwx", "/sandbox/pipe": "prw-------", "/sandbox/stdout": "-rw-r--r--", "/sandbox/up": "lrwxrwxrwx",
		"/sandbox/abs": "lrwxrwxrwx", "/sandbox/self": "lrwxrwxrwx",
	}
	if len(infos) != len(want) {
		t.Errorf("got %d entries, want %d", len(infos), len(want))
	}
	for i, n := range infos {
		if got := n.ModeString(); got != want[n.Path] {
			t.Errorf("%s: got mode %s, want %q", n.Path, got, want[n.Path])
		}
		if i > 0 && infos[i-1].Path >= n.Path {
			t.Errorf("%s is out of order", n.Path)
		}
		if n.UID == "" || n.GID == "" || n.Links == 0 || n.Modified.IsZero() {
			t.Errorf("%s: got %+v, want owner, links and time", n.Path, n)
		}
	}
	for path, want := range map[string]error{
		"": ErrInvalid, "/nope": ErrNotFound, "/sandbox/stdout": ErrInvalid, "/sandbox/log": ErrInvalid,
		"/sandbox/..": ErrForbidden, "/sandbox/up": ErrForbidden, "/sandbox/pipe": ErrInvalid,
	} {
		if _, err := f.Browse(path); !errors.Is(err, want) {
			t.Errorf("Browse(%q): got %v, want %v", path, err, want)
		}
	}
	p := infos[len(infos)-2].Proto() // stdout
	if p.GetPath() != "/sandbox/stdout" || p.GetSize() != 4 || p.GetMode() != syscall.S_IFREG|0o644 || p.GetMtime().GetNanoseconds() == 0 {
		t.Errorf("Proto: got %v", p)
	}
}

func TestModeString(t *testing.T) {
	for mode, want := range map[uint32]string{
		syscall.S_IFREG | 0o4755: "-rwsr-xr-x", syscall.S_IFREG | 0o2644: "-rw-r-Sr--", syscall.S_IFDIR | 0o1777: "drwxrwxrwt",
		syscall.S_IFSOCK: "s---------", syscall.S_IFCHR | 0o600: "crw-------", syscall.S_IFBLK | 0o1000: "b--------T", 0: "?---------",
	} {
		if got := (Info{Mode: mode}).ModeString(); got != want {
			t.Errorf("%o: got %s, want %s", mode, got, want)
		}
	}
}

func get(f *Files, target string, header ...string) *httptest.ResponseRecorder {
	r := httpapi.NewRouter("slave(1)")
	f.Mount(r)
	req := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func TestHTTP(t *testing.T) {
	f, dir := sandbox(t)
	if err := os.WriteFile(filepath.Join(dir, "wörd \"x\".txt"), []byte("w"), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		target string
		code   int
		body   string // "" = not compared
	}{
		{"/files/read?path=/sandbox/stdout&offset=0&length=100", 200, `{"data":"out\n","offset":0}`},
		{"/files/read.json?path=/sandbox/stdout&offset=1&jsonp=cb", 200, `cb({"data":"ut\n","offset":1})`},
		{"/files/read?path=/sandbox/stdout", 200, `{"data":"","offset":4}`},
		{"/files/read?path=/sandbox/stdout&offset=-1", 200, `{"data":"","offset":4}`},
		{"/files/read?path=/sandbox/stdout&offset=x", 400, ""},
		{"/files/read?path=/sandbox/stdout&offset=0&length=1.5", 400, ""},
		{"/files/read", 400, ""},
		{"/files/read?path=/nope", 404, ""},
		{"/files/read?path=/sandbox/out1", 403, ""},
		{"/files/browse", 400, ""},
		{"/files/browse?path=/nope", 404, ""},
		{"/files/browse?path=/sandbox/data/deep", 200, `[]`},
		{"/files/download", 400, ""},
		{"/files/download?path=/nope", 404, ""},
		{"/files/download?path=/sandbox/data", 400, ""},
		{"/files/download?path=/sandbox/pipe", 400, ""},
		{"/files/download?path=/sandbox/up/secret", 403, ""},
		{"/files/download?path=/sandbox/stdout", 200, "out\n"},
		{"/files", 404, ""},
	}
	for _, tt := range tests {
		w := get(f, tt.target)
		if w.Code != tt.code || tt.body != "" && w.Body.String() != tt.body {
			t.Errorf("%s: got %d %s, want %d %s", tt.target, w.Code, w.Body, tt.code, tt.body)
		}
		if tt.code >= 400 && w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: got type %s, want plain text", tt.target, w.Header().Get("Content-Type"))
		}
		if strings.Contains(w.Body.String(), dir) {
			t.Errorf("%s: the answer tells the real path: %s", tt.target, w.Body)
		}
	}

	w := get(f, "/files/browse?path=/sandbox/data")
	var entries []map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &entries); err != nil || len(entries) != 2 {
		t.Fatalf("browse: got %s, %v", w.Body, err)
	}
	x := entries[1]
	if x["path"] != "/sandbox/data/x" || x["mode"] != "-rw-------" || x["size"] != 1.0 || x["nlink"] != 1.0 || x["uid"] == "" || x["gid"] == "" || len(x) != 7 {
		t.Errorf("browse: got %v", x)
	}
	if !strings.Contains(w.Body.String(), `.0,"nlink"`) {
		t.Errorf("browse: mtime is not a double: %s", w.Body)
	}

	var debug map[string]string
	if err := json.Unmarshal(get(f, "/files/debug").Body.Bytes(), &debug); err != nil || debug["/sandbox"] != dir || debug["/latest"] != dir || len(debug) != 4 {
		t.Errorf("debug: got %v, %v", debug, err)
	}
}

func TestDownload(t *testing.T) {
	f, dir := sandbox(t)
	w := get(f, "/files/download?path=/sandbox/big", "Accept-Encoding", "gzip")
	if w.Body.Len() != 160_000 || w.Header().Get("Content-Length") != "160000" || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("got %d bytes, headers %v, want the file as it is", w.Body.Len(), w.Header())
	}
	if got := w.Header().Get("Content-Disposition"); got != "attachment; filename=big" {
		t.Errorf("Content-Disposition: got %q", got)
	}
	if got := w.Header().Get("Content-Type"); got != "application/octet-stream" {
		t.Errorf("Content-Type: got %q", got)
	}
	w = get(f, "/files/download?path=/sandbox/big", "Range", "bytes=16-19", "Accept-Encoding", "gzip")
	if w.Code != 206 || w.Body.String() != "0123" {
		t.Errorf("range: got %d %q, want 206 0123", w.Code, w.Body)
	}
	odd := "a\"b\r\nc.txt"
	if err := os.WriteFile(filepath.Join(dir, odd), []byte("w"), 0o644); err != nil {
		t.Fatal(err)
	}
	w = get(f, "/files/download?path="+url.QueryEscape("/sandbox/"+odd))
	if got := w.Header().Get("Content-Disposition"); w.Code != 200 || strings.ContainsAny(got, "\r\n") || !strings.HasPrefix(got, "attachment") {
		t.Errorf("odd name: got %d, %q", w.Code, got)
	}
}

// TestTailing reads a file of long characters piece by piece, as a page does that follows a log: nothing is lost at
// the borders, and nothing stays behind.
func TestTailing(t *testing.T) {
	f, dir := sandbox(t)
	text := strings.Repeat("€uro 𝄞 ", 20_000) + "\xe2\x82"
	if err := os.WriteFile(filepath.Join(dir, "log"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	f.Detach("/sandbox/log")
	var got []byte
	for offset := int64(0); ; {
		c, err := f.Read("/sandbox/log", offset, -1)
		if err != nil {
			t.Fatal(err)
		}
		whole := wholeRunes(c.Data)
		if len(c.Data) > 0 && len(whole) == 0 {
			t.Fatalf("at %d of %d: no progress", offset, c.Size)
		}
		if len(whole) == 0 {
			break
		}
		if offset+int64(len(whole)) < c.Size-2 && !utf8.Valid(whole) {
			t.Fatalf("at %d: a character was cut", offset)
		}
		got = append(got, whole...)
		offset += int64(len(whole))
	}
	if string(got) != text {
		t.Errorf("got %d bytes, want %d", len(got), len(text))
	}
}

func FuzzPaths(f *testing.F) {
	files, _ := sandbox(f)
	for _, s := range []string{"/sandbox/stdout", "/sandbox/../secret", "/sandbox/up/secret", "/latest/data/../../secret", "/sandbox/abs/../up/secret", "/sandbox/self/self/out2", "..", "/sandbox/data/./../stdout"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		c, err := files.Read(path, 0, -1)
		if err == nil && strings.Contains(string(c.Data), "secret") {
			t.Fatalf("%q: read a file outside of the sandbox", path)
		}
		if _, err := files.Browse(path); err != nil && Status(err) >= 500 {
			t.Fatalf("%q: %v", path, err)
		}
	})
}

func FuzzWholeRunes(f *testing.F) {
	f.Add([]byte("€"))
	f.Add([]byte("a\xe2\x82"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := wholeRunes(data)
		if len(data) > 0 && len(got) == 0 || len(data)-len(got) >= utf8.UTFMax {
			t.Fatalf("%q: got %q", data, got)
		}
		if utf8.Valid(data) && len(got) != len(data) {
			t.Fatalf("%q: got %q, want all of it", data, got)
		}
	})
}
