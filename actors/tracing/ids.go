package tracing

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Task names a task, and so its trace.
type Task struct{ FrameworkID, TaskID string }

// TraceID is the id of the task's trace, 16 bytes that are not all zero.
func (k Task) TraceID() [16]byte { return [16]byte(k.digest("trace", "")[:16]) }

// TraceText is the id as logs and tools write it: 32 hexadecimal digits.
func (k Task) TraceText() string {
	id := k.TraceID()
	return hex.EncodeToString(id[:])
}

// spanID is the id of one of the task's spans, 8 bytes.
func (k Task) spanID(r Ref) []byte { return k.digest(r.Name, r.Of)[:8] }

// digest hashes what names something of a task. Lengths stand before the
// strings, so that no two lists of them read the same.
func (k Task) digest(parts ...string) []byte {
	h := sha256.New()
	for _, s := range append([]string{k.FrameworkID, k.TaskID}, parts...) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	sum := h.Sum(nil)
	sum[0] |= 1 // an id of zeros alone would be none
	return sum
}

// parentOf reads the label "traceparent": 00-<trace id>-<span id>-<flags>. ok
// is false for anything else; a framework may write what it likes there.
func parentOf(text string) (trace, span []byte, ok bool) {
	parts := strings.Split(text, "-")
	if len(parts) != 4 || len(parts[0]) != 2 || parts[0] == "ff" || len(parts[1]) != 32 || len(parts[2]) != 16 || len(parts[3]) != 2 {
		return nil, nil, false
	}
	for _, p := range parts {
		if _, err := hex.DecodeString(p); err != nil || strings.ToLower(p) != p {
			return nil, nil, false
		}
	}
	if strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return nil, nil, false
	}
	trace, _ = hex.DecodeString(parts[1]) // it was decoded before
	span, _ = hex.DecodeString(parts[2])
	return trace, span, true
}
