package images

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	gcr "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// e is one entry of a layer; a content makes a file of it.
type e struct {
	tar.Header
	content string
}

func file(path, content string) e {
	return e{tar.Header{Name: path, Typeflag: tar.TypeReg, Mode: 0o644}, content}
}

func dir(path string) e { return e{tar.Header{Name: path, Typeflag: tar.TypeDir, Mode: 0o755}, ""} }

func link(path, to string) e {
	return e{tar.Header{Name: path, Typeflag: tar.TypeSymlink, Linkname: to}, ""}
}

func hard(path, to string) e {
	return e{tar.Header{Name: path, Typeflag: tar.TypeLink, Linkname: to}, ""}
}

func layerOf(t testing.TB, entries ...e) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := e.Header
		h.Size = int64(len(e.content))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func imageWith(t testing.TB, config gcr.Config, layers ...[]byte) gcr.Image {
	t.Helper()
	var list []gcr.Layer
	for _, l := range layers {
		list = append(list, static.NewLayer(l, types.DockerUncompressedLayer))
	}
	img, err := mutate.AppendLayers(empty.Image, list...)
	if err != nil {
		t.Fatal(err)
	}
	if img, err = mutate.Config(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

// shop is a registry that counts, can be held up and may ask for a password.
type shop struct {
	url      string
	blobs    atomic.Int64  // reads of layers and configurations
	hold     chan struct{} // reads of blobs wait for it, if it is not nil
	password string        // of the user "buyer"
}

func openShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.password != "" {
			if u, p, _ := r.BasicAuth(); u != "buyer" || p != s.password {
				w.Header().Set("WWW-Authenticate", `Basic realm="shop"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
		}
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			s.blobs.Add(1)
			if s.hold != nil {
				select {
				case <-s.hold:
				case <-r.Context().Done():
				}
			}
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		remote.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	s.url = server.URL
	return s
}

func (s *shop) host() string { return strings.TrimPrefix(s.url, "http://") }

func (s *shop) offer(t testing.TB, what string, img gcr.Image) {
	t.Helper()
	ref, err := name.ParseReference(s.host() + "/" + what)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, img, remote.WithAuth(&authn.Basic{Username: "buyer", Password: s.password})); err != nil {
		t.Fatal(err)
	}
}

func (s *shop) config() []byte {
	return []byte(`{"auths":{"` + s.url + `/v2/":{"auth":"` + base64.StdEncoding.EncodeToString([]byte("buyer:"+s.password)) + `"}}}`)
}

func docker(name string) *v1.Image {
	return &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: &name}}
}

func uncached(name string) *v1.Image {
	i := docker(name)
	i.Cached = proto.Bool(false)
	return i
}

// storeOf opens a store; tests that unpack need root, as the agent does.
func storeOf(t testing.TB, o Options) *Store {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can unpack images")
	}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := OpenStore(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}
