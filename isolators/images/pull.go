package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	gcr "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/sys/unix"

	v1 "mesos/messages/mesos/v1"
)

// pull is one that is under way, for all who wait for it.
type pull struct {
	done    chan struct{}
	cancel  context.CancelCauseFunc
	waiters int // under the store's mu, as is ended
	ended   bool

	img *Image // when done
	err error
	has []string // layers that it uses until the last waiter has gone
}

var errNobodyWaits = errors.New("nobody waits for it any more")

// wait gives an image that is here, if that will do, or joins its pull, or begins
// that.
func (s *Store) wait(ctx context.Context, ref name.Reference, want *v1.Image) (*Image, func(), error) {
	keys, own, err := s.keysFor(want)
	if err != nil {
		return nil, nil, err
	}
	key := ref.Name() + " " + own
	s.mu.Lock()
	if want.GetCached() {
		if img, release := s.here(ref); img != nil {
			s.mu.Unlock()
			return img, release, nil
		}
	}
	p := s.pulls[key]
	if p == nil {
		within, cancel := context.WithCancelCause(s.ctx)
		p = &pull{done: make(chan struct{}), cancel: cancel}
		s.pulls[key] = p
		s.busy.Go(func() {
			defer cancel(nil)
			s.run(within, p, ref, want.GetDocker().GetName(), keys)
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.pulls[key] == p {
				delete(s.pulls, key)
			}
			if p.ended = true; p.waiters == 0 {
				s.unuse(p.has)
			}
			close(p.done)
		})
	}
	p.waiters++
	s.mu.Unlock()
	defer s.leave(key, p)
	select {
	case <-p.done:
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
	if p.err != nil {
		return nil, nil, p.err
	}
	return p.img, s.reuse(p.img.Layers), nil
}

func (s *Store) leave(key string, p *pull) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.waiters--
	switch {
	case p.waiters > 0:
	case p.ended:
		s.unuse(p.has)
	default:
		p.cancel(errNobodyWaits)
		if s.pulls[key] == p {
			delete(s.pulls, key) // who comes now begins anew
		}
	}
}

// keysFor are the credentials for an image, and what tells its own from others.
func (s *Store) keysFor(want *v1.Image) (authn.Keychain, string, error) {
	secret := want.GetDocker().GetConfig()
	if secret == nil {
		return s.keys, "", nil
	}
	if secret.GetType() != v1.Secret_VALUE {
		return nil, "", fmt.Errorf("%w: docker.config: the secret must be given by value: there is no resolver for references", ErrImage)
	}
	own, err := parseCredentials(secret.GetValue().GetData())
	if err != nil {
		return nil, "", fmt.Errorf("%w: docker.config: %w", ErrImage, err)
	}
	sum := sha256.Sum256(secret.GetValue().GetData())
	return own, hex.EncodeToString(sum[:]), nil
}

// run pulls an image.
func (s *Store) run(ctx context.Context, p *pull, ref name.Reference, text string, keys authn.Keychain) {
	p.img, p.err = s.fetch(ctx, p, ref, text, keys)
	if p.err != nil {
		if ctx.Err() != nil {
			p.err = errors.Join(context.Cause(ctx), p.err)
		}
		if errors.Is(p.err, syscall.ENOSPC) {
			p.err = fmt.Errorf("the disk of the image store %s is full: %w", s.dir, p.err)
		}
		s.log.Warn("image was not pulled", "image", ref.Name(), "error", p.err)
		return
	}
	s.log.Info("image pulled", "image", ref.Name(), "digest", p.img.Digest, "layers", len(p.img.Layers))
}

func (s *Store) fetch(ctx context.Context, p *pull, ref name.Reference, text string, keys authn.Keychain) (*Image, error) {
	from, err := s.origin.open(ctx, ref, text, keys)
	if err != nil {
		return nil, err
	}
	img, layers, err := describe(ref, from)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	p.has = img.Layers
	s.use(p.has) // until the last waiter leaves
	s.mu.Unlock()
	for i, l := range layers {
		if err := s.layer(ctx, img.Layers[i], l); err != nil {
			return nil, fmt.Errorf("layer %d of %d, %s: %w", i+1, len(layers), img.Layers[i], err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return img, s.keep(ref, img)
}

// describe reads what an image is made of.
func describe(ref name.Reference, from gcr.Image) (*Image, []gcr.Layer, error) {
	digest, err := from.Digest()
	if err != nil {
		return nil, nil, err
	}
	file, err := from.ConfigFile()
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	layers, err := from.Layers()
	if err != nil {
		return nil, nil, err
	}
	if len(layers) != len(file.RootFS.DiffIDs) {
		return nil, nil, fmt.Errorf("it has %d layers, and its configuration names %d", len(layers), len(file.RootFS.DiffIDs))
	}
	c := file.Config
	img := &Image{Name: ref.Name(), Digest: digest.String(), Config: Config{Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: c.Env, WorkingDir: c.WorkingDir, User: c.User}}
	for port := range c.ExposedPorts {
		img.Config.Ports = append(img.Config.Ports, port)
	}
	for _, id := range file.RootFS.DiffIDs {
		if _, _, ok := hexOf(id.String()); !ok {
			return nil, nil, fmt.Errorf("digest %q of a layer is not supported: want sha256", id)
		}
		img.Layers = append(img.Layers, id.String())
	}
	return img, layers, nil
}

// layer sees to it that a layer is here. Of many who want it one unpacks it.
func (s *Store) layer(ctx context.Context, id string, l gcr.Layer) error {
	for {
		s.mu.Lock()
		other := s.unpacking[id]
		if other == nil {
			if _, err := os.Stat(s.layerPath(id)); err == nil {
				s.mu.Unlock()
				return nil
			}
			mine := make(chan struct{})
			s.unpacking[id] = mine
			s.mu.Unlock()
			defer func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				delete(s.unpacking, id)
				close(mine)
			}()
			return s.unpackLayer(ctx, id, l)
		}
		s.mu.Unlock()
		select {
		case <-other: // it may have failed, with another's credentials, say
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// unpackLayer reads a layer into a directory of its own, which gets its name when
// all of it is there, durable and what the digest says.
func (s *Store) unpackLayer(ctx context.Context, id string, l gcr.Layer) (err error) {
	dir, err := os.MkdirTemp(s.path("staging"), "layer-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := os.Chmod(dir, 0o755); err != nil { // unless the layer says otherwise
		return err
	}
	content, err := l.Uncompressed()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // it was only read
	sum := sha256.New()
	all := io.TeeReader(content, sum)
	if err := unpack(ctx, all, dir); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, all); err != nil { // what pads the archive is part of the content
		return err
	}
	if got := "sha256:" + hex.EncodeToString(sum.Sum(nil)); got != id {
		return fmt.Errorf("its content has the digest %s, the image says otherwise", got)
	}
	if err := syncAll(dir); err != nil {
		return err
	}
	return os.Rename(dir, s.layerPath(id))
}

// syncAll makes what was written below a directory durable: all at once, file by
// file would take long.
func syncAll(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}
