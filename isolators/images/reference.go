package images

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"

	v1 "mesos/messages/mesos/v1"
)

// ErrImage is wrapped when an Image message cannot be acted on.
var ErrImage = errors.New("image")

// dockerHub is the registry that names without one mean by default, under the
// two names it is known by.
const dockerHub, dockerHubV2 = name.DefaultRegistry, "registry-1.docker.io"

// origin is where images without a registry in their name come from.
type origin struct {
	dir      string // of archives and layouts; "" if it is a registry
	registry string // host:port
	insecure bool   // plain HTTP
}

// parseOrigin reads --docker_registry.
func parseOrigin(flag string) (origin, error) {
	switch u, err := url.Parse(flag); {
	case flag == "":
		return origin{registry: dockerHub}, nil
	case filepath.IsAbs(flag):
		return origin{dir: filepath.Clean(flag)}, nil
	case err == nil && u.Scheme == "file" && filepath.IsAbs(u.Path):
		return origin{dir: filepath.Clean(u.Path)}, nil
	case err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && strings.Trim(u.Path, "/") == "":
		o := origin{registry: u.Host, insecure: u.Scheme == "http"}
		if u.Host == dockerHubV2 {
			o.registry = dockerHub
		}
		if _, err := name.NewRegistry(o.registry); err != nil {
			return o, fmt.Errorf("%q: %w", flag, err)
		}
		return o, nil
	}
	return origin{}, fmt.Errorf("%q: want http://HOST[:PORT], https://HOST[:PORT] or the absolute path of a directory; HDFS and others are not supported", flag)
}

// parse reads the name of an image. Errors name the field.
func (o origin) parse(image *v1.Image) (name.Reference, error) {
	if t := image.GetType(); t != v1.Image_DOCKER {
		return nil, fmt.Errorf("%w: type %s is not supported: want DOCKER, which OCI images are, too", ErrImage, t)
	}
	text := image.GetDocker().GetName()
	registry := o.registry
	if o.dir != "" {
		registry = dockerHub
	}
	options := []name.Option{name.WithDefaultRegistry(registry)}
	if o.insecure && (strings.HasPrefix(text, registry+"/") || !named(text)) {
		options = append(options, name.Insecure)
	}
	ref, err := name.ParseReference(text, options...)
	if err != nil {
		return nil, fmt.Errorf("%w: docker.name %q: %w", ErrImage, text, err)
	}
	for part := range strings.SplitSeq(text, "/") {
		if part == "" || part == "." || part == ".." {
			return nil, fmt.Errorf("%w: docker.name %q: no part of it may be empty, \".\" or \"..\"", ErrImage, text)
		}
	}
	return ref, nil
}

// named says that a name begins with a registry, as Docker decides it.
func named(text string) bool {
	first, _, more := strings.Cut(text, "/")
	return more && (strings.ContainsAny(first, ".:") || first == "localhost")
}
