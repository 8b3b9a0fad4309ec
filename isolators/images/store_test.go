package images

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	gcr "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	v1 "mesos/messages/mesos/v1"
)

func count(t *testing.T, s *Store, dir string) int {
	t.Helper()
	list, err := os.ReadDir(s.path(dir))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func get(t *testing.T, s *Store, want *v1.Image) (*Image, func()) {
	t.Helper()
	img, release, err := s.Get(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	return img, release
}

// TestSources takes the same image from everywhere it can come from.
func TestSources(t *testing.T) {
	config := gcr.Config{Cmd: []string{"run"}, Env: []string{"A=b"}, WorkingDir: "/w", User: "me", ExposedPorts: map[string]struct{}{"80/tcp": {}}}
	img := imageWith(t, config, layerOf(t, file("f", "content")))
	dir, oci := t.TempDir(), t.TempDir()
	shop := openShop(t)
	shop.password = "secret"
	shop.offer(t, "app:1", img)
	tag, err := name.NewTag("app:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(filepath.Join(dir, "app:1.tar"), tag, img); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{filepath.Join(dir, "laid"), oci} {
		path, err := layout.Write(at, empty.Index)
		if err != nil {
			t.Fatal(err)
		}
		if err := path.AppendImage(img, layout.WithAnnotations(map[string]string{refName: "app:1"})); err != nil {
			t.Fatal(err)
		}
	}
	secret := docker("app:1")
	secret.Docker.Config = &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: shop.config()}}
	for _, c := range []struct {
		name, registry string
		config         []byte
		image          *v1.Image
	}{
		{"registry with a password", shop.url, shop.config(), docker("app:1")},
		{"registry with a secret of the image", shop.url, nil, secret},
		{"registry in the name", "", shop.config(), docker(shop.host() + "/app:1")},
		{"archive", dir, nil, docker("app:1")},
		{"OCI layout of its own", dir, nil, docker("laid")},
		{"OCI layout of many", "file://" + oci, nil, docker("app:1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := storeOf(t, Options{Registry: c.registry, Config: c.config})
			got, release := get(t, s, c.image)
			defer release()
			if got.Config.Cmd[0] != "run" || got.Config.Env[0] != "A=b" || got.Config.WorkingDir != "/w" || got.Config.User != "me" || got.Config.Ports[0] != "80/tcp" {
				t.Errorf("configuration: got %+v", got.Config)
			}
			if got := readAll(t, filepath.Join(s.layerPath(got.Layers[0]), "f")); got != "content" {
				t.Errorf("file of the layer: got %q", got)
			}
		})
	}
	for name, c := range map[string]struct {
		registry string
		image    *v1.Image
		want     string
	}{
		"no password":      {shop.url, docker("app:1"), "401"},
		"no such archive":  {dir, docker("none:2"), "none:2.tar"},
		"dots":             {dir, docker("../app"), "docker.name"},
		"not a name":       {dir, docker("UPPER"), "docker.name"},
		"APPC":             {dir, &v1.Image{Type: v1.Image_APPC.Enum()}, "DOCKER"},
		"not in a layout":  {oci, docker("other:1"), "other"},
		"secret elsewhere": {shop.url, &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: new("app:1"), Config: &v1.Secret{Type: v1.Secret_REFERENCE.Enum()}}}, "docker.config"},
	} {
		s := storeOf(t, Options{Registry: c.registry})
		if _, _, err := s.Get(t.Context(), c.image); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		if n := count(t, s, "staging") + count(t, s, "layers") + count(t, s, "images"); n != 0 {
			t.Errorf("%s: got %d things left in the store, want none", name, n)
		}
	}
}

// TestOnePull has many wait for one pull; who gives up does not disturb the others.
func TestOnePull(t *testing.T) {
	shop := openShop(t)
	shop.offer(t, "app", imageWith(t, gcr.Config{}, layerOf(t, file("f", "1")), layerOf(t, file("g", "2"))))
	shop.hold = make(chan struct{})
	s := storeOf(t, Options{Registry: shop.url})
	short, giveUp := context.WithCancel(t.Context())
	var all sync.WaitGroup
	gone := make(chan error, 1)
	all.Go(func() {
		_, _, err := s.Get(short, docker("app"))
		gone <- err
	})
	for range 10 {
		all.Go(func() {
			_, release, err := s.Get(t.Context(), docker("app"))
			if err != nil {
				t.Error(err)
				return
			}
			release()
		})
	}
	giveUp()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up: got %v, want %v", err, context.Canceled)
	}
	close(shop.hold)
	all.Wait()
	// The one who gave up may have been alone at first: then its pull is another.
	if n := shop.blobs.Load(); n > 6 {
		t.Errorf("reads of blobs: got %d, want 3 for each of at most two pulls", n)
	}
	_, release := get(t, s, docker("app"))
	release()
	before := shop.blobs.Load()
	_, release = get(t, s, uncached("app"))
	release()
	if n := shop.blobs.Load() - before; n > 1 {
		t.Errorf("pull of what is here: got %d reads of blobs, want the configuration at most", n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.used)+len(s.pulls)+len(s.unpacking) != 0 {
		t.Errorf("left in use: got %v, %v, %v, want nothing", s.used, s.pulls, s.unpacking)
	}
}

// TestNobodyWaits gives up a pull with the last who waits for it.
func TestNobodyWaits(t *testing.T) {
	shop := openShop(t)
	shop.offer(t, "app", imageWith(t, gcr.Config{}, layerOf(t, file("f", "1"))))
	shop.hold = make(chan struct{})
	s := storeOf(t, Options{Registry: shop.url})
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	if _, _, err := s.Get(ctx, docker("app")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	s.busy.Wait() // the pull ends though the registry does not answer
	if n := count(t, s, "staging") + count(t, s, "layers"); n != 0 {
		t.Errorf("got %d things left, want none", n)
	}
}

// TestNothingHalf opens a store that an agent left in the middle of its work.
func TestNothingHalf(t *testing.T) {
	shop := openShop(t)
	shop.offer(t, "app", imageWith(t, gcr.Config{}, layerOf(t, file("f", "1")), layerOf(t, file("g", "2"))))
	dir := t.TempDir()
	s := storeOf(t, Options{Dir: dir, Registry: shop.url})
	img, _ := get(t, s, docker("app"))
	s.Close()
	if err := os.MkdirAll(filepath.Join(dir, "staging", "layer-1", "half"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(s.layerPath(img.Layers[1])); err != nil {
		t.Fatal(err)
	}
	records, err := filepath.Glob(filepath.Join(dir, "images", "*"))
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	for _, damage := range []func() error{
		func() error { return nil },
		func() error { return os.WriteFile(records[0], []byte("{"), 0o600) },
		func() error { return os.WriteFile(records[0], []byte(`{"layers":["../../etc"]}`), 0o600) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		s = storeOf(t, Options{Dir: dir, Registry: shop.url})
		if n := count(t, s, "staging"); n != 0 {
			t.Errorf("staging: got %d things, want it emptied", n)
		}
		_, release := get(t, s, docker("app"))
		if n := count(t, s, "layers"); n != 2 {
			t.Errorf("layers: got %d, want both again", n)
		}
		release()
		s.Close()
	}
}

// TestFalseContent refuses a layer that is not what the image says.
func TestFalseContent(t *testing.T) {
	good := imageWith(t, gcr.Config{}, layerOf(t, file("f", "1")))
	s := storeOf(t, Options{})
	layers, err := good.Layers()
	if err != nil {
		t.Fatal(err)
	}
	id := "sha256:" + strings.Repeat("0", 64)
	if err := s.layer(t.Context(), id, layers[0]); err == nil || !strings.Contains(err.Error(), "digest") {
		t.Errorf("got %v, want an error about the digest", err)
	}
	if n := count(t, s, "staging") + count(t, s, "layers"); n != 0 {
		t.Errorf("got %d things left, want none", n)
	}
}

func TestPrune(t *testing.T) {
	shop := openShop(t)
	base := layerOf(t, file("base", "1"))
	for _, n := range []string{"one", "two", "three"} {
		shop.offer(t, n, imageWith(t, gcr.Config{}, base, layerOf(t, file(n, n))))
	}
	s := storeOf(t, Options{Registry: shop.url})
	_, one := get(t, s, docker("one"))
	_, two := get(t, s, docker("two"))
	_, three := get(t, s, docker("three"))
	if n := count(t, s, "layers"); n != 4 {
		t.Errorf("layers of three images with one in common: got %d, want 4", n)
	}
	for _, c := range []struct {
		do             func()
		exclude        []*v1.Image
		layers, images int
	}{
		{func() {}, nil, 4, 3}, // all in use
		{two, nil, 3, 2},
		{three, []*v1.Image{docker("three")}, 3, 2},
		{func() {}, nil, 2, 1},
		{one, nil, 0, 0},
	} {
		c.do()
		if err := s.Prune(t.Context(), c.exclude); err != nil {
			t.Fatal(err)
		}
		if l, i := count(t, s, "layers"), count(t, s, "images"); l != c.layers || i != c.images {
			t.Errorf("got %d layers and %d images, want %d and %d", l, i, c.layers, c.images)
		}
	}
	if err := s.Prune(t.Context(), []*v1.Image{docker("UPPER")}); !errors.Is(err, ErrImage) || !strings.Contains(err.Error(), "excluded_images[0]") {
		t.Errorf("bad name: got %v, want one of excluded_images[0]", err)
	}
	if n := count(t, s, "staging"); n != 0 {
		t.Errorf("staging: got %d things, want none", n)
	}
}

func TestOrigins(t *testing.T) {
	for flag, want := range map[string]string{
		"": dockerHub, "https://registry-1.docker.io": dockerHub, "http://10.0.0.1:5000": "10.0.0.1:5000 http", "/images": "/images", "file:///images": "/images",
		"hdfs://a/b": "error", "ftp://a": "error", "https://a/b": "error", "registry.example": "error",
	} {
		o, err := parseOrigin(flag)
		got := o.dir + o.registry
		if o.insecure {
			got += " http"
		}
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", flag, got, want)
		}
	}
}

func TestCredentials(t *testing.T) {
	for text, want := range map[string]string{
		`{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"}}}`: `{"index.docker.io":{"username":"a","password":"b","auth":"YTpi"}}`,
		`{"registry.example":{"username":"a","password":"b"}}`:      `{"registry.example":{"username":"a","password":"b","auth":"YTpi"}}`,
		`{"auths":{"r.example:5000":{"identitytoken":"t"}}}`:        `{"r.example:5000":{"identitytoken":"t"}}`,
		``: `null`,
		`{"auths":{"r.example":{"auth":"####"}}}`: `error`,
		`{"auths": sEcReT}`:                       `error`,
		`{"auths": "sEcReT"}`:                     `error`,
	} {
		c, err := parseCredentials([]byte(text))
		if err != nil && strings.Contains(err.Error(), "sEcReT") {
			t.Errorf("%s: the error tells the content: %v", text, err)
		}
		b, _ := json.Marshal(c)
		got := string(b)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
