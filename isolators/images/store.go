package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"

	v1 "mesos/messages/mesos/v1"
)

// Options of a Store.
type Options struct {
	Dir      string // --docker_store_dir; made if need be
	Registry string // --docker_registry; "" is Docker Hub
	Config   []byte // content of a docker config.json with credentials; nil: none
	Collect  *Collection
	Log      *slog.Logger
}

// Image is what is kept of one.
type Image struct {
	Name   string   `json:"name"`   // complete, with registry and tag or digest
	Digest string   `json:"digest"` // of its manifest
	Layers []string `json:"layers"` // digests of their content, the lowest first
	Config Config   `json:"config"`
}

// Config is what an image says about the command that runs in it.
type Config struct {
	Entrypoint []string `json:"entrypoint,omitempty"`
	Cmd        []string `json:"cmd,omitempty"`
	Env        []string `json:"env,omitempty"` // NAME=value
	WorkingDir string   `json:"working_dir,omitempty"`
	User       string   `json:"user,omitempty"`  // name or number, perhaps with :group
	Ports      []string `json:"ports,omitempty"` // "80/tcp"; told, and otherwise without effect
}

// Store keeps images. Its methods may be called from any goroutine.
type Store struct {
	dir    string
	origin origin
	keys   credentials
	log    *slog.Logger

	busy  sync.WaitGroup
	ctx   context.Context // ends with Close
	close context.CancelFunc

	mu        sync.Mutex
	pulls     map[string]*pull
	unpacking map[string]chan struct{} // layers under way, closed when they end
	used      map[string]int           // layers to how many use them: containers and pulls
}

// OpenStore opens a store and removes what an earlier run did not complete.
// Only one may be open in a directory.
func OpenStore(o Options) (*Store, error) {
	from, err := parseOrigin(o.Registry)
	if err != nil {
		return nil, fmt.Errorf("docker_registry: %w", err)
	}
	keys, err := parseCredentials(o.Config)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: o.Dir, origin: from, keys: keys, log: o.Log, pulls: map[string]*pull{}, unpacking: map[string]chan struct{}{}, used: map[string]int{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	if err := mountable(s.dir); err != nil {
		return nil, fmt.Errorf("docker_store_dir: %w", err)
	}
	if err := os.RemoveAll(s.path("staging")); err != nil {
		return nil, fmt.Errorf("image store: %w", err)
	}
	for _, d := range []string{"layers", "images", "staging"} {
		if err := os.MkdirAll(s.path(d), 0o700); err != nil {
			return nil, fmt.Errorf("image store: %w", err)
		}
	}
	s.ctx, s.close = context.WithCancel(context.Background())
	if o.Collect != nil {
		s.busy.Go(func() { s.collect(*o.Collect) })
	}
	return s, nil
}

// Close ends pulls and waits for them.
func (s *Store) Close() {
	s.close()
	s.busy.Wait()
}

func (s *Store) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// layerPath is where a layer lies. Overlay takes few characters for all its
// layers: 128 bits of the digest are enough to tell them apart.
func (s *Store) layerPath(id string) string {
	_, digits, _ := hexOf(id)
	return s.path("layers", digits[:32])
}

// hexOf splits "sha256:…".
func hexOf(id string) (algorithm, digits string, ok bool) {
	const prefix = "sha256:"
	if len(id) != len(prefix)+64 || id[:len(prefix)] != prefix {
		return "", "00000000000000000000000000000000", false
	}
	_, err := hex.DecodeString(id[len(prefix):])
	return "sha256", id[len(prefix):], err == nil
}

func (s *Store) recordPath(ref name.Reference) string {
	key := sha256.Sum256([]byte(ref.Name()))
	return s.path("images", hex.EncodeToString(key[:]))
}

// Get gives an image, which is pulled if it is not here, or if it is not to be
// taken from what is here (Image.cached). Until release is called its layers are
// not deleted. It waits for as long as the pull takes or until ctx ends; a pull
// that nobody waits for any more is given up.
func (s *Store) Get(ctx context.Context, want *v1.Image) (img *Image, release func(), err error) {
	ref, err := s.origin.parse(want)
	if err != nil {
		return nil, nil, err
	}
	img, release, err = s.wait(ctx, ref, want)
	if err != nil {
		return nil, nil, fmt.Errorf("pull of image %s: %w", want.GetDocker().GetName(), err)
	}
	return img, release, nil
}

// here gives an image that the store has whole, nil if it has not; s.mu is held.
func (s *Store) here(ref name.Reference) (*Image, func()) {
	img, err := readImage(s.recordPath(ref))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Warn("an image is pulled again: what is known of it cannot be read", "image", ref.Name(), "error", err)
		}
		return nil, nil
	}
	for _, l := range img.Layers {
		if _, err := os.Stat(s.layerPath(l)); err != nil {
			return nil, nil
		}
	}
	return img, s.use(img.Layers)
}

// use keeps layers from being deleted; s.mu is held.
func (s *Store) use(layers []string) (release func()) {
	for _, l := range layers {
		s.used[l]++
	}
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unuse(layers)
	})
}

func (s *Store) unuse(layers []string) {
	for _, l := range layers {
		if s.used[l]--; s.used[l] == 0 {
			delete(s.used, l)
		}
	}
}

// reuse is use for the layers of a container of an earlier run.
func (s *Store) reuse(layers []string) (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.use(layers)
}

func readImage(path string) (*Image, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	img := &Image{}
	if err := json.Unmarshal(b, img); err != nil {
		return nil, err
	}
	for _, l := range img.Layers {
		if _, _, ok := hexOf(l); !ok {
			return nil, fmt.Errorf("layer %q is no digest", l)
		}
	}
	return img, nil
}

// keep writes down what an image is made of, all of which is here.
func (s *Store) keep(ref name.Reference, img *Image) error {
	b, err := json.Marshal(img)
	if err != nil {
		return err
	}
	return replaceFile(s.recordPath(ref), s.path("staging"), b)
}

// replaceFile writes a file that is there whole or not at all.
func replaceFile(path, staging string, content []byte) error {
	f, err := os.CreateTemp(staging, "file-")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the next start does it otherwise
	}
	return err
}
