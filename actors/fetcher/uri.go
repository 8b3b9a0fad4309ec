package fetcher

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"mesos/actors/containerizer/launch"
	v1 "mesos/messages/mesos/v1"
)

// ErrURI is wrapped when a URI cannot be fetched however often one tries.
var ErrURI = errors.New("invalid uri")

// plan is a URI made definite.
type plan struct {
	source  Source
	account *launch.Account
	uri     string // as the source wants it
	shown   string // as people see it
	sum     digest
	name    string // of the file, relative to the sandbox
	mode    fs.FileMode
	unpack  unpacker // nil: it stays as it is
}

func (f *Fetcher) resolve(u *v1.CommandInfo_URI, as *launch.Account) (plan, error) {
	p := plan{account: as, shown: redact(u.GetValue()), mode: 0o644}
	if u.GetExecutable() {
		p.mode = 0o755
	}
	if strings.ContainsRune(u.GetValue(), 0) {
		return p, fmt.Errorf("%w: uris.value holds a NUL byte", ErrURI)
	}
	var err error
	if p.uri, p.sum, err = cutDigest(u.GetValue()); err != nil {
		return p, err
	}
	scheme, _, isURL := strings.Cut(p.uri, "://")
	if !isURL {
		scheme = "file"
		if !filepath.IsAbs(p.uri) {
			if f.o.FrameworksHome == "" {
				return p, fmt.Errorf("%w: a relative path needs the agent's frameworks_home to be set; give a URL or an absolute path", ErrURI)
			}
			p.uri = filepath.Join(f.o.FrameworksHome, p.uri)
		}
	}
	p.source = f.sources[strings.ToLower(scheme)]
	if p.source == nil {
		known := slices.Sorted(maps.Keys(f.sources))
		return p, fmt.Errorf("%w: scheme %q is not one of %s", ErrURI, scheme, strings.Join(known, ", "))
	}
	if p.name, err = target(u, p.uri); err != nil {
		return p, err
	}
	if u.GetExtract() && !u.GetExecutable() {
		p.unpack = unpackerFor(p.name)
	}
	return p, nil
}

// target is where the file goes in the sandbox.
func target(u *v1.CommandInfo_URI, uri string) (string, error) {
	name := u.GetOutputFile()
	if name == "" {
		return basename(uri)
	}
	clean, err := entryName(name)
	if err != nil {
		return "", fmt.Errorf("%w: uris.output_file: %w", ErrURI, err)
	}
	if clean == "." {
		return "", fmt.Errorf("%w: uris.output_file %q names no file", ErrURI, name)
	}
	return clean, nil
}

// basename is the last element of a path, or of a URL's path, which ends at
// the query. It is taken as written: %20 stays %20.
func basename(uri string) (string, error) {
	p := uri
	if scheme, rest, ok := strings.Cut(uri, "://"); ok {
		if scheme != "file" { // a file's own name may hold both
			rest, _, _ = strings.Cut(rest, "#")
			rest, _, _ = strings.Cut(rest, "?")
		}
		_, p, _ = strings.Cut(rest, "/") // what comes before is the host
	}
	name := p[strings.LastIndexByte(p, '/')+1:]
	if name == "" || name == "." || name == ".." {
		return "", fmt.Errorf("%w: its path names no file; set uris.output_file", ErrURI)
	}
	if reserved(name) {
		return "", fmt.Errorf("%w: %q is the sandbox's own file; set uris.output_file", ErrURI, name)
	}
	return name, nil
}

// redact takes the password out of a URL that is printed.
func redact(uri string) string {
	if !strings.Contains(uri, "@") {
		return uri
	}
	u, err := url.Parse(uri)
	if err != nil {
		scheme, rest, ok := strings.Cut(uri, "://")
		if !ok {
			return uri
		}
		return scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:]
	}
	return u.Redacted()
}
