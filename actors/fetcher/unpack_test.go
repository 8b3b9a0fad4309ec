package fetcher

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

func uri(value string) *v1.CommandInfo_URI { return &v1.CommandInfo_URI{Value: &value} }

// fetch runs one fetch into a fresh sandbox.
func fetch(t testing.TB, o Options, uris ...*v1.CommandInfo_URI) (sandbox, log string, err error) {
	t.Helper()
	// One more level, so that what climbs out of the sandbox is still found.
	sandbox = filepath.Join(t.TempDir(), "sandbox")
	if err := os.Mkdir(sandbox, 0o755); err != nil {
		t.Fatal(err)
	}
	f := New(o)
	defer f.Close()
	var out bytes.Buffer
	err = f.Fetch(t.Context(), Request{Sandbox: sandbox, URIs: uris, Log: &out})
	return sandbox, out.String(), err
}

func TestUnpackFormats(t *testing.T) {
	plain := pack(t, dir("d/"), file("d/f"), file("./x/y/z"), sym("d/l", "../x/y"), hard("h", "d/f"))
	tests := []struct {
		name string
		body func() []byte
	}{
		{"a.tar", func() []byte { return plain }},
		{"a.tgz", func() []byte { return gz(t, plain) }},
		{"a.tar.gz", func() []byte { return gz(t, plain) }},
		{"a.tbz2", func() []byte { return filter(t, plain, "bzip2", "-c") }},
		{"a.tar.bz2", func() []byte { return filter(t, plain, "bzip2", "-c") }},
		{"a.txz", func() []byte { return filter(t, plain, "xz", "-c") }},
		{"a.tar.xz", func() []byte { return filter(t, plain, "xz", "-c") }},
		{"a.tzst", func() []byte { return filter(t, plain, "zstd", "-c") }},
		{"a.tar.zst", func() []byte { return filter(t, plain, "zstd", "-c") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sandbox, log, err := fetch(t, Options{}, uri(place(t, tt.name, tt.body())))
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]string{
				"d/f": "body of d/f", "x/y/z": "body of ./x/y/z", "d/l/z": "body of ./x/y/z", "h": "body of d/f",
			} {
				if got, err := os.ReadFile(filepath.Join(sandbox, name)); err != nil || string(got) != want {
					t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
				}
			}
			if _, err := os.Stat(filepath.Join(sandbox, tt.name)); err != nil {
				t.Errorf("got %v, want the archive kept", err)
			}
			if !strings.Contains(log, "(5 entries)") {
				t.Errorf("got log %q, want it to tell of 5 entries", log)
			}
		})
	}
}

func TestUnpackZipAndGz(t *testing.T) {
	z := place(t, "a.zip", zipOf(t,
		zipped{"bin/", "", fs.ModeDir | 0o755}, zipped{"bin/run", "go", 0o755},
		zipped{"link", "bin/run", fs.ModeSymlink | 0o777}, zipped{"nomode", "n", 0}))
	g := place(t, "data.json.gz", gz(t, []byte("{}")))
	sandbox, _, err := fetch(t, Options{}, uri(z), uri(g))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"link": "go", "nomode": "n", "data.json": "{}"} {
		if got, err := os.ReadFile(filepath.Join(sandbox, name)); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	if i, err := os.Stat(filepath.Join(sandbox, "bin/run")); err != nil || i.Mode() != 0o755 {
		t.Errorf("bin/run: got %v, %v, want mode 0755", i.Mode(), err)
	}
}

func TestNastyArchives(t *testing.T) {
	big := strings.Repeat("0", 1<<20)
	tests := []struct {
		name string
		file string
		body []byte
		want error
		word string
	}{
		{"absolute", "a.tar", pack(t, file("/etc/x")), ErrUnsafe, "absolute"},
		{"upwards", "a.tar", pack(t, file("../x")), ErrUnsafe, "upwards"},
		{"upwards inside", "a.tar", pack(t, file("a/../../x")), ErrUnsafe, "upwards"},
		{"upwards gzip", "a.tgz", gz(t, pack(t, file("../x"))), ErrUnsafe, "upwards"},
		{"absolute link", "a.tar", pack(t, sym("l", "/etc")), ErrUnsafe, "out of the sandbox"},
		{"link upwards", "a.tar", pack(t, sym("l", "..")), ErrUnsafe, "out of the sandbox"},
		{"deep link upwards", "a.tar", pack(t, sym("a/b/l", "../../../x")), ErrUnsafe, "out of the sandbox"},
		{"file through link", "a.tar", pack(t, sym("l", ".."), file("l/x")), ErrUnsafe, "out of the sandbox"},
		{"links that sum up", "a.tar", pack(t, dir("a/b/c"), sym("a/b/c/up", "../../.."), sym("out", "a/b/c/up/../x"), file("q")), ErrUnsafe, "out of the sandbox"},
		{"links that sum up, reversed", "a.tar", pack(t, sym("out", "a/b/c/up/../x"), sym("a/b/c/up", "../../..")), ErrUnsafe, "out of the sandbox"},
		{"circle", "a.tar", pack(t, sym("a", "b"), sym("b", "a")), ErrUnsafe, "circle"},
		{"hard link upwards", "a.tar", pack(t, hard("l", "../x")), ErrUnsafe, "upwards"},
		{"hard link absolute", "a.tar", pack(t, hard("l", "/etc/passwd")), ErrUnsafe, "absolute"},
		{"hard link moves a link", "a.tar", pack(t, sym("a/b/l", "../../a"), hard("m", "a/b/l"), dir("a/b/a")), ErrUnsafe, "out of the sandbox"},
		{"device", "a.tar", pack(t, tar.Header{Typeflag: tar.TypeChar, Name: "null", Devmajor: 1, Devminor: 3}), ErrUnsafe, "of type"},
		{"pipe", "a.tar", pack(t, tar.Header{Typeflag: tar.TypeFifo, Name: "p"}), ErrUnsafe, "of type"},
		{"stdout", "a.tar", pack(t, file("./stdout")), ErrUnsafe, "own file"},
		{"stderr.gz", "stderr.gz", gz(t, []byte("x")), ErrUnsafe, "own file"},
		{"zip upwards", "a.zip", zipOf(t, zipped{"../x", "x", 0o644}), ErrUnsafe, "upwards"},
		{"zip absolute", "a.zip", zipOf(t, zipped{"/x", "x", 0o644}), ErrUnsafe, "absolute"},
		{"zip link", "a.zip", zipOf(t, zipped{"l", "../x", fs.ModeSymlink | 0o777}), ErrUnsafe, "out of the sandbox"},
		{"zip pipe", "a.zip", zipOf(t, zipped{"p", "", fs.ModeNamedPipe | 0o644}), ErrUnsafe, "of type"},
		{"gz bomb", "big.gz", gz(t, []byte(big)), ErrTooLarge, "big.gz"},
		{"zip bomb", "a.zip", zipOf(t, zipped{"big", big, 0o644}), ErrTooLarge, "a.zip"},
		{"tar bomb", "a.tgz", gz(t, pack(t, manyFiles(1000)...)), ErrTooLarge, "a.tgz"},
		{"entries", "a.zip", zipOf(t, manyDirs(200)...), ErrTooLarge, "a.zip"},
		{"not gzip", "a.tgz", []byte("no"), nil, "unpacking a.tgz"},
		{"torn gzip", "a.tgz", gz(t, pack(t, file("x")))[:60], nil, "unexpected EOF"},
		{"not tar", "a.tar", []byte(strings.Repeat("x", 600)), nil, "unpacking a.tar"},
		{"not zip", "a.zip", []byte("PK"), nil, "unpacking a.zip"},
		{"not xz", "a.txz", []byte("no xz"), nil, "xz"},
		{"no name left", ".gz", gz(t, nil), nil, "output_file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from := place(t, tt.file, tt.body)
			sandbox, log, err := fetch(t, Options{MaxUnpacked: 256 << 10, MaxEntries: 100}, uri(from))
			var e *Error
			if !errors.As(err, &e) || e.URI != from {
				t.Fatalf("got %v, want an *Error that names %s", err, from)
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if !strings.Contains(err.Error(), tt.word) || !strings.Contains(log, tt.word) {
				t.Errorf("got %q and log %q, want both to say %q", err, log, tt.word)
			}
			contained(t, sandbox)
		})
	}
}

func manyFiles(n int) []tar.Header {
	h := make([]tar.Header, n)
	for i := range h {
		h[i] = file("same")
	}
	return h
}

func manyDirs(n int) []zipped {
	z := make([]zipped, n)
	for i := range z {
		z[i] = zipped{"d/", "", fs.ModeDir | 0o755}
	}
	return z
}

// contained fails if anything lies beside the sandbox, or a link in it leads
// out.
func contained(t testing.TB, sandbox string) {
	t.Helper()
	beside, err := os.ReadDir(filepath.Dir(sandbox))
	if err != nil || len(beside) != 1 {
		t.Errorf("got %v, %v beside the sandbox, want nothing", beside, err)
	}
	real, err := filepath.EvalSymlinks(sandbox)
	if err != nil {
		t.Fatal(err)
	}
	filepath.WalkDir(sandbox, func(p string, d fs.DirEntry, err error) error {
		if d != nil && d.Type() == fs.ModeSymlink {
			if to, err := filepath.EvalSymlinks(p); err == nil && to != real && !strings.HasPrefix(to, real+"/") {
				t.Errorf("link %s leads to %s, out of %s", p, to, real)
			}
		}
		return nil
	})
}

// An archive may be large, or small; not small and unpack to a thousand times that.
func TestRatio(t *testing.T) {
	big := gz(t, make([]byte, 100_000)) // some 130 bytes
	for _, tt := range []struct {
		o    Options
		want error
	}{
		{Options{MaxRatio: 10, FreeOfRatio: 99_999}, ErrTooLarge},
		{Options{MaxRatio: 10, FreeOfRatio: 100_000}, nil},
		{Options{MaxRatio: 1000, FreeOfRatio: 1}, nil},
		{Options{MaxRatio: 1 << 40, FreeOfRatio: 1, MaxUnpacked: 99_999}, ErrTooLarge},
	} {
		if _, _, err := fetch(t, tt.o, uri(place(t, "big.gz", big))); !errors.Is(err, tt.want) {
			t.Errorf("ratio %d, free %d: got %v, want %v", tt.o.MaxRatio, tt.o.FreeOfRatio, err, tt.want)
		}
	}
}

func TestUnpackReplacesLinksAndModes(t *testing.T) {
	b := pack(t, file("a"), sym("l", "a"), file("l"), tar.Header{Typeflag: tar.TypeReg, Name: "s", Mode: 0o6755})
	sandbox, _, err := fetch(t, Options{}, uri(place(t, "a.tar", b)))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(sandbox, "a")); string(got) != "body of a" {
		t.Errorf("a: got %q, want it untouched by the entry written over a link to it", got)
	}
	if i, _ := os.Lstat(filepath.Join(sandbox, "s")); i.Mode() != 0o755 {
		t.Errorf("s: got mode %v, want 0755 without set-id bits", i.Mode())
	}
}

// FuzzUnpackStaysInside reads the input as a list of entries: a letter for the
// type, a name, a link target.
func FuzzUnpackStaysInside(f *testing.F) {
	f.Add("s a/b/l ../../..\nf a/b/l/x -")
	f.Add("d a/b/c -\ns a/b/c/up ../../..\ns out a/b/c/up/../x\nh m out\nf out -")
	f.Add("s x .\ns y x/x/../z\nf y/../../q -")
	f.Fuzz(func(t *testing.T, script string) {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, line := range strings.Split(script, "\n") {
			p := strings.SplitN(line, " ", 3)
			if len(p) != 3 {
				continue
			}
			kind := map[string]byte{"f": tar.TypeReg, "d": tar.TypeDir, "s": tar.TypeSymlink, "h": tar.TypeLink}[p[0]]
			h := &tar.Header{Typeflag: kind, Name: p[1], Linkname: p[2], Mode: 0o755}
			if kind == tar.TypeReg || kind == tar.TypeDir {
				h.Linkname = ""
			}
			if w.WriteHeader(h) != nil {
				return
			}
		}
		w.Close()
		sandbox, _, _ := fetch(t, Options{}, uri(place(t, "a.tar", b.Bytes())))
		contained(t, sandbox)
	})
}

// FuzzArchives has readers of all formats read anything.
func FuzzArchives(f *testing.F) {
	plain := pack(f, dir("d"), file("d/f"), sym("l", "d"), hard("h", "d/f"))
	f.Add(uint8(0), plain)
	f.Add(uint8(1), gz(f, plain))
	f.Add(uint8(2), zipOf(f, zipped{"d/", "", fs.ModeDir | 0o755}, zipped{"d/f", "body", 0o755}, zipped{"l", "../..", fs.ModeSymlink | 0o777}))
	f.Add(uint8(3), gz(f, []byte("body")))
	f.Add(uint8(4), []byte("BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00"))
	names := []string{"a.tar", "a.tar.gz", "a.zip", "a.gz", "a.tar.bz2"}
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		sandbox, _, _ := fetch(t, Options{MaxUnpacked: 1 << 20, MaxEntries: 100}, uri(place(t, names[int(kind)%len(names)], b)))
		contained(t, sandbox)
	})
}
