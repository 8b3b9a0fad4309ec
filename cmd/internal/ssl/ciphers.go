package ssl

import (
	"crypto/tls"
	"slices"
	"strings"
)

// ciphers are those of TLS 1.2 that may be used; in TLS 1.3 all are good.
func (r *reader) ciphers() []uint16 {
	text := r.vars["CIPHERS"]
	if text == "" {
		return nil
	}
	offered := map[string]uint16{}
	var names []string
	for _, c := range tls.CipherSuites() {
		if slices.Contains(c.SupportedVersions, tls.VersionTLS12) {
			offered[c.Name], offered[openSSL(c.Name)] = c.ID, c.ID
			names = append(names, openSSL(c.Name))
		}
	}
	var out []uint16
	for name := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune(":, ", c) }) {
		id, ok := offered[name]
		if !ok {
			r.fail("CIPHERS", "%q is not supported; there are %s", name, strings.Join(names, ":"))
			return nil
		}
		out = append(out, id)
	}
	return out
}

// openSSL is OpenSSL's name of a cipher of TLS 1.2.
func openSSL(name string) string {
	name = strings.Replace(strings.TrimPrefix(name, "TLS_"), "_WITH_", "-", 1)
	name = strings.NewReplacer("AES_", "AES", "CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305", "_CBC", "").Replace(name)
	return strings.ReplaceAll(name, "_", "-")
}
