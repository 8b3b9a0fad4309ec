package daemon

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mesos/actors/operator"
	"mesos/cmd/flags"
	"mesos/isolators/filesystem"
	"mesos/isolators/images"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// imageFlags are those about images that are acted on.
var imageFlags = []string{
	"image_providers", "image_provisioner_backend", "image_gc_config", "docker_registry", "docker_store_dir", "docker_config",
	"docker_ignore_runtime", "sandbox_directory", "runtime_dir",
}

// ImageSettings are where images of containers come from and are kept. The zero
// value has none.
type ImageSettings struct {
	On      bool
	Store   images.Options
	Backend string
	Sandbox string // --sandbox_directory
	Runtime string // --runtime_dir
}

func imagesFrom(f *flags.Set) (ImageSettings, error) {
	s := ImageSettings{Backend: f.String("image_provisioner_backend"), Sandbox: f.String("sandbox_directory"), Runtime: f.String("runtime_dir")}
	if !filepath.IsAbs(s.Sandbox) || filepath.Dir(filepath.Clean(s.Sandbox)) == "/" {
		return s, fmt.Errorf("flag --sandbox_directory: %q: want an absolute path in a directory of its own, as in /mnt/mesos/sandbox", s.Sandbox)
	}
	switch {
	case s.Runtime == "" && os.Geteuid() == 0:
		s.Runtime = "/var/run/mesos"
	case s.Runtime == "":
		s.Runtime = filepath.Join(os.TempDir(), "mesos", "runtime")
	}
	for name := range strings.SplitSeq(f.String("image_providers"), ",") {
		switch strings.ToUpper(strings.TrimSpace(name)) {
		case "":
		case "DOCKER":
			s.On = true
		case "APPC":
			return s, errors.New("flag --image_providers: APPC is not supported, no registry serves that format any more: want DOCKER, which OCI images are, too")
		default:
			return s, fmt.Errorf("flag --image_providers: %q: want DOCKER", name)
		}
	}
	if b := s.Backend; !slices.Contains([]string{"", images.Overlay, images.Copy}, b) {
		return s, fmt.Errorf("flag --image_provisioner_backend: %q is not supported: want %s or %s", b, images.Overlay, images.Copy)
	}
	var err error
	s.Store.Registry = f.String("docker_registry")
	s.Store.Dir = f.Fallback("docker_store_dir", filepath.Join(os.TempDir(), "mesos", "store", "docker"))
	if s.Store.Collect, err = collectionFrom(f.String("image_gc_config")); err != nil {
		return s, fmt.Errorf("flag --image_gc_config: %w", err)
	}
	if text := f.String("docker_config"); text != "" {
		s.Store.Config = []byte(text)
		if !strings.HasPrefix(strings.TrimSpace(text), "{") {
			if s.Store.Config, err = os.ReadFile(text); err != nil {
				return s, fmt.Errorf("flag --docker_config: want the JSON of a docker config.json, or its path: %w", err)
			}
		}
	}
	return s, nil
}

// collectionFrom reads the JSON of an ImageGcConfig.
func collectionFrom(text string) (*images.Collection, error) {
	if text == "" {
		return nil, nil
	}
	var c struct {
		Headroom *float64 `json:"image_disk_headroom"`
		Interval *struct {
			Nanoseconds int64 `json:"nanoseconds"`
		} `json:"image_disk_watch_interval"`
		Excluded []json.RawMessage `json:"excluded_images"`
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, err
	}
	switch {
	case c.Headroom == nil || *c.Headroom < 0 || *c.Headroom > 1:
		return nil, errors.New("image_disk_headroom must be a share from 0 to 1")
	case c.Interval == nil || c.Interval.Nanoseconds <= 0:
		return nil, errors.New("image_disk_watch_interval.nanoseconds must be more than 0")
	}
	out := &images.Collection{Headroom: *c.Headroom, Interval: time.Duration(c.Interval.Nanoseconds)}
	for i, raw := range c.Excluded {
		image := &v1.Image{}
		if err := mesosjson.Unmarshal(raw, image); err != nil {
			return nil, fmt.Errorf("excluded_images[%d]: %w", i, err)
		}
		out.Excluded = append(out.Excluded, image)
	}
	return out, nil
}

// imageStore is the agent's store of images, closed with it.
type imageStore struct{ *images.Store }

// Prune implements agent.ImageStore. A name that is none is the caller's fault.
func (s imageStore) Prune(ctx context.Context, excluded []*v1.Image) error {
	err := s.Store.Prune(ctx, excluded)
	if errors.Is(err, images.ErrImage) {
		return operator.Refuse(http.StatusBadRequest, "prune_images.%v.", err)
	}
	return err
}

// open makes what images of a work directory need; nil and no error without
// --image_providers.
func (s ImageSettings) open(work string, log *slog.Logger) (*images.Store, filesystem.Options, error) {
	name := sha256.Sum256([]byte(work))
	o := filesystem.Options{Sandbox: filepath.Clean(s.Sandbox), Scratch: filepath.Join(s.Runtime, "files", hex.EncodeToString(name[:4]))}
	if !s.On {
		return nil, o, nil
	}
	s.Store.Log = log
	if os.Geteuid() != 0 {
		return nil, o, errors.New("flag --image_providers: images need an agent that runs as root")
	}
	store, err := images.OpenStore(s.Store)
	if err != nil {
		return nil, o, fmt.Errorf("images: %w", err)
	}
	o.Images, err = images.NewProvisioner(store, work, s.Backend)
	if err != nil {
		store.Close()
		return nil, o, fmt.Errorf("images: %w", err)
	}
	log.Info("images", "store", s.Store.Dir, "registry", s.Store.Registry, "backend", o.Images.Backend())
	return store, o, nil
}
