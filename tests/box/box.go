// Package box makes images for tests: a static busybox with a user and a greeting, as
// an image, as an archive, and served by a registry. Suites that run tasks in
// images call it. It starts no container and needs no engine.
package box

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	gcr "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// programs of busybox that have a name of their own in /bin.
var programs = strings.Fields("sh cat ls id pwd sleep echo touch mknod env readlink grep")

// Image makes one. It skips the test where busybox is missing.
func Image(t testing.TB, config gcr.Config) gcr.Image {
	t.Helper()
	path, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox: install busybox-static")
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	put := func(h tar.Header, content []byte) {
		h.Size = int64(len(content))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"bin/", "etc/", "srv/", "tmp/"} {
		put(tar.Header{Name: d, Typeflag: tar.TypeDir, Mode: 0o755}, nil)
	}
	put(tar.Header{Name: "bin/busybox", Typeflag: tar.TypeReg, Mode: 0o755}, program)
	for _, n := range programs {
		put(tar.Header{Name: "bin/" + n, Typeflag: tar.TypeSymlink, Linkname: "busybox"}, nil)
	}
	put(tar.Header{Name: "etc/passwd", Typeflag: tar.TypeReg, Mode: 0o644}, []byte("root:x:0:0::/:/bin/sh\nguest:x:4711:4712::/:/bin/sh\n"))
	put(tar.Header{Name: "srv/greeting", Typeflag: tar.TypeReg, Mode: 0o644}, []byte("of the image\n"))
	put(tar.Header{Name: "srv/up", Typeflag: tar.TypeSymlink, Linkname: "../../../../../../../../etc/shadow"}, nil)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, static.NewLayer(b.Bytes(), types.DockerUncompressedLayer))
	if err != nil {
		t.Fatal(err)
	}
	if img, err = mutate.Config(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

// Archive writes an image to a directory as what its name ("box:1") is looked for
// there, and gives the directory.
func Archive(t testing.TB, as string, img gcr.Image) (dir string) {
	t.Helper()
	dir = t.TempDir()
	tag, err := name.NewTag(as)
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(filepath.Join(dir, as+".tar"), tag, img); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Registry serves images by their names until the test ends, and gives its address.
func Registry(t testing.TB, images map[string]gcr.Image) string {
	t.Helper()
	s := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	at := strings.TrimPrefix(s.URL, "http://")
	for n, img := range images {
		ref, err := name.ParseReference(at + "/" + n)
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.Write(ref, img); err != nil {
			t.Fatal(err)
		}
	}
	return at
}
