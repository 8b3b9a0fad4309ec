package images

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	v1 "mesos/messages/mesos/v1"
)

// Collection is when images that nothing uses are deleted (--image_gc_config).
type Collection struct {
	Headroom float64       // share of the disk that is to be free, 0 to 1
	Interval time.Duration // how often the disk is looked at
	Excluded []*v1.Image   // that stay
}

// Prune deletes all layers that no container uses, and forgets the images that
// had them, but for the excluded ones. The names of those are errors if they
// are none. What is being pulled stays.
func (s *Store) Prune(ctx context.Context, excluded []*v1.Image) error {
	stay := map[string]bool{}
	for i, image := range excluded {
		ref, err := s.origin.parse(image)
		if err != nil {
			return fmt.Errorf("excluded_images[%d]: %w", i, err)
		}
		stay[s.recordPath(ref)] = true
	}
	trash, err := s.setAside(stay)
	if err != nil || trash == "" {
		return err
	}
	done := make(chan error, 1)
	s.busy.Go(func() { done <- os.RemoveAll(trash) })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx) // it goes on
	}
}

// setAside moves what is to be deleted to one directory, "" if there is nothing.
func (s *Store) setAside(stay map[string]bool) (trash string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	needed := map[string]bool{}
	for l := range s.used {
		needed[s.layerPath(l)] = true
	}
	records, err := filepath.Glob(s.path("images", "*"))
	if err != nil {
		return "", err
	}
	for _, r := range records {
		img, err := readImage(r)
		switch {
		case err == nil && (stay[r] || s.usesAll(img)):
			for _, l := range img.Layers {
				needed[s.layerPath(l)] = true
			}
			continue
		case err == nil:
			s.log.Info("image is deleted", "image", img.Name)
		}
		if err := os.Remove(r); err != nil {
			return "", err
		}
	}
	layers, err := filepath.Glob(s.path("layers", "*"))
	if err != nil {
		return "", err
	}
	for _, l := range layers {
		if needed[l] {
			continue
		}
		if trash == "" {
			if trash, err = os.MkdirTemp(s.path("staging"), "trash-"); err != nil {
				return "", err
			}
		}
		if err := os.Rename(l, filepath.Join(trash, filepath.Base(l))); err != nil {
			return trash, err
		}
	}
	return trash, nil
}

// usesAll says that every layer of an image is in use: then it is kept, as what
// is to be known of it takes no room.
func (s *Store) usesAll(img *Image) bool {
	for _, l := range img.Layers {
		if s.used[l] == 0 {
			return false
		}
	}
	return true
}

// collect prunes when the disk has too little room.
func (s *Store) collect(c Collection) {
	tick := time.NewTicker(c.Interval)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			free, err := freeShare(s.dir)
			if err == nil && free < c.Headroom {
				s.log.Info("images are collected", "free", free, "headroom", c.Headroom)
				err = s.Prune(s.ctx, c.Excluded)
			}
			if err != nil && s.ctx.Err() == nil {
				s.log.Warn("images were not collected", "error", err)
			}
		}
	}
}

// freeShare is which part of a disk is free, from 0 to 1.
func freeShare(dir string) (float64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, fmt.Errorf("disk of %s: %w", dir, err)
	}
	if fs.Blocks == 0 {
		return 1, nil
	}
	return float64(fs.Bavail) / float64(fs.Blocks), nil
}
