package fetcher

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// ErrChecksum is wrapped when what came is not what the URI's checksum names.
var ErrChecksum = errors.New("checksum mismatch")

// digest is the checksum that a URI ends with: Mesos has no field for it, so it
// is the fragment "#sha256=<hex>" or "#sha512=<hex>", which no server gets to
// see. The zero value is none.
type digest struct{ kind, hex string }

var digests = map[string]func() hash.Hash{"sha256": sha256.New, "sha512": sha512.New}

// cutDigest takes the checksum off a URI. Other fragments stay.
func cutDigest(uri string) (string, digest, error) {
	rest, fragment, _ := lastCut(uri, '#')
	kind, sum, ok := strings.Cut(fragment, "=")
	made := digests[kind]
	if !ok || made == nil {
		return uri, digest{}, nil
	}
	sum = strings.ToLower(sum)
	if b, err := hex.DecodeString(sum); err != nil || len(b) != made().Size() {
		return uri, digest{}, fmt.Errorf("%w: the checksum behind #%s= is %q; want %d hexadecimal digits", ErrURI, kind, sum, 2*made().Size())
	}
	return rest, digest{kind, sum}, nil
}

func lastCut(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// check lets a reader end with ErrChecksum, and not with io.EOF, if its bytes
// are not those that d names.
func (d digest) check(r io.Reader) io.Reader {
	if d.kind == "" {
		return r
	}
	h := digests[d.kind]()
	return readFunc(func(b []byte) (int, error) {
		n, err := r.Read(b)
		h.Write(b[:n])
		if errors.Is(err, io.EOF) {
			if got := hex.EncodeToString(h.Sum(nil)); got != d.hex {
				return n, fmt.Errorf("%w: what came has the %s %s, and the uri wants %s", ErrChecksum, d.kind, got, d.hex)
			}
		}
		return n, err
	})
}
