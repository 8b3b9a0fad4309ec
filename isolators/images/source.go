package images

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	gcr "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// refName is the annotation by which an OCI layout names its images.
const refName = "org.opencontainers.image.ref.name"

func platform() gcr.Platform { return gcr.Platform{OS: "linux", Architecture: runtime.GOARCH} }

// open finds an image; its layers come when they are read. text is the name as
// it was asked for.
func (o origin) open(ctx context.Context, ref name.Reference, text string, keys authn.Keychain) (gcr.Image, error) {
	if o.dir == "" || named(text) {
		return remote.Image(ref, remote.WithContext(ctx), remote.WithAuthFromKeychain(keys), remote.WithPlatform(platform()), remote.WithUserAgent("mesos-agent"))
	}
	short := ref.Context().RepositoryStr()
	if !strings.HasPrefix(text, "library/") {
		short = strings.TrimPrefix(short, "library/")
	}
	for _, path := range []string{text, short + ":" + ref.Identifier(), short} {
		if !filepath.IsLocal(path) {
			continue
		}
		at := filepath.Join(o.dir, path)
		if info, err := os.Stat(at + ".tar"); err == nil && info.Mode().IsRegular() {
			return archive(at+".tar", ref)
		}
		if _, err := os.Stat(filepath.Join(at, "oci-layout")); err == nil {
			return fromLayout(at, ref, true)
		}
	}
	if _, err := os.Stat(filepath.Join(o.dir, "oci-layout")); err == nil {
		return fromLayout(o.dir, ref, false)
	}
	return nil, fmt.Errorf("%s.tar in %s: %w: want an archive as docker save writes it, or an OCI layout in a directory %s", text, o.dir, fs.ErrNotExist, short)
}

// archive opens what docker save wrote: the image of that name, or the only one.
func archive(path string, ref name.Reference) (gcr.Image, error) {
	if tag, is := ref.(name.Tag); is {
		if img, err := tarball.ImageFromPath(path, &tag); err == nil {
			return img, nil
		}
	}
	return tarball.ImageFromPath(path, nil)
}

// fromLayout opens the image of an OCI layout that has the name, or, where the
// layout is of that name itself, the only one for this machine.
func fromLayout(dir string, ref name.Reference, whole bool) (gcr.Image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	m, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	short := strings.TrimPrefix(ref.Context().RepositoryStr(), "library/")
	names := map[string]bool{ref.Name(): true, short + ":" + ref.Identifier(): true}
	if whole {
		names[ref.Identifier()] = true
	}
	var others []gcr.Descriptor
	for _, d := range m.Manifests {
		switch {
		case names[d.Annotations[refName]] || d.Digest.String() == ref.Identifier():
			return imageOf(index, d)
		case whole && (d.Platform == nil || d.Platform.Satisfies(platform())):
			others = append(others, d)
		}
	}
	if len(others) != 1 {
		return nil, fmt.Errorf("OCI layout %s: %w: none of its images is called %s", dir, fs.ErrNotExist, ref)
	}
	return imageOf(index, others[0])
}

// imageOf opens one entry of an index, which may be an index itself.
func imageOf(index gcr.ImageIndex, d gcr.Descriptor) (gcr.Image, error) {
	if !d.MediaType.IsIndex() {
		return index.Image(d.Digest)
	}
	inner, err := index.ImageIndex(d.Digest)
	if err != nil {
		return nil, err
	}
	m, err := inner.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, d := range m.Manifests {
		if d.Platform == nil || d.Platform.Satisfies(platform()) {
			return inner.Image(d.Digest)
		}
	}
	return nil, errors.New("the image has nothing for linux/" + runtime.GOARCH)
}
