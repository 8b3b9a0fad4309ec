package discovery

import (
	"crypto/sha1"
	"encoding/base32"
	"strings"
)

// maxLabel is how long one part of a host name may be (RFC 1035).
const maxLabel = 63

// Label makes one part of a host name from any text: lower case letters, digits, and dashes between them. Dots and
// underscores become dashes; what else is no part of a name is left out. It is "" when nothing remains.
func Label(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			b.WriteRune(r)
		case r == '.', r == '_':
			b.WriteByte('-')
		}
	}
	s := strings.TrimLeft(b.String(), "-")
	if len(s) > maxLabel {
		s = s[:maxLabel]
	}
	return strings.TrimRight(s, "-")
}

// Domain makes a domain from a text with dots, each part as Label does; empty parts are left out.
func Domain(text string) string {
	var parts []string
	for part := range strings.SplitSeq(text, ".") {
		if l := Label(part); l != "" {
			parts = append(parts, l)
		}
	}
	return strings.Join(parts, ".")
}

// The letters of z-base-32, which were chosen to be read aloud.
var zbase32 = base32.NewEncoding("ybndrfg8ejkmcpqxot1uwisza345h769").WithPadding(base32.NoPadding)

// canonical is the label of one task alone: its name, five letters of its id's hash, and the last part of its agent's id,
// as in "web-ffjw3-s1". A long name is cut, so that the rest stays.
func canonical(name, taskID, agentID string) string {
	sum := sha1.Sum([]byte(taskID))
	tail := "-" + zbase32.EncodeToString(sum[:])[:5] + "-" + Label(agentID[strings.LastIndexByte(agentID, '-')+1:])
	if len(name) > maxLabel-len(tail) {
		name = strings.TrimRight(name[:maxLabel-len(tail)], "-")
	}
	return name + tail
}
