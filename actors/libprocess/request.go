package libprocess

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

const (
	fromHeader  = "Libprocess-From"
	agentPrefix = "libprocess/" // of User-Agent; what follows is the sender, too
)

// address is where a request that is a message comes from and goes to.
type address struct {
	from link.UPID
	to   string // id of the receiving actor
	name string // full name of the message
}

// isMessage tells messages from other requests: they name their sender and a message.
func isMessage(r *http.Request) bool {
	_, _, ok := cutPath(r.URL.Path)
	return ok && r.Method == http.MethodPost && sender(r.Header) != ""
}

// cutPath splits /actor/package.Message.
func cutPath(path string) (to, name string, ok bool) {
	to, name, ok = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return to, name, ok && to != "" && strings.Contains(name, ".") && !strings.Contains(name, "/")
}

func sender(h http.Header) string {
	if from := h.Get(fromHeader); from != "" {
		return from
	}
	from, _ := strings.CutPrefix(h.Get("User-Agent"), agentPrefix)
	if from == h.Get("User-Agent") {
		return ""
	}
	return from
}

// parse reads who sends what to whom. The error says what is wrong with the sender.
func parse(path string, h http.Header) (address, error) {
	to, name, ok := cutPath(path)
	if !ok {
		return address{}, fmt.Errorf("path %.200q: want /actor/message", path)
	}
	from, err := link.ParseUPID(sender(h))
	if err != nil {
		return address{}, fmt.Errorf("sender (header %s, or User-Agent): %w", fromHeader, err)
	}
	for _, part := range []string{from.ID, from.Addr} {
		if err := checkPlain(part); err != nil {
			return address{}, fmt.Errorf("sender (header %s, or User-Agent): %w", fromHeader, err)
		}
	}
	return address{from: from, to: to, name: name}, nil
}

// checkPlain lets only through what can stand in a request line and in a header: answers carry it in both.
func checkPlain(s string) error {
	if len(s) > 512 {
		return fmt.Errorf("%d bytes, want at most 512", len(s))
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("/?#%@\"\\", c) >= 0 {
			return fmt.Errorf("%q holds the character %q, which has no place in a process id", s, c)
		}
	}
	return nil
}

var errTooLong = errors.New("message is too long")

// appendRequest appends the request that carries m. On an error b is unchanged.
func appendRequest(b []byte, from, to link.UPID, m proto.Message) ([]byte, error) {
	if err := checkPlain(to.ID); err != nil {
		return b, fmt.Errorf("receiver: %w", err)
	}
	size := proto.Size(m)
	if size > MaxMessage {
		return b, fmt.Errorf("%w: %d bytes, want at most %d", errTooLong, size, MaxMessage)
	}
	start := len(b)
	b = append(b, "POST /"+to.ID+"/"+string(m.ProtoReflect().Descriptor().FullName())+" HTTP/1.1\r\n"...)
	b = append(b, "User-Agent: "+agentPrefix+from.String()+"\r\n"...)
	b = append(b, fromHeader+": "+from.String()+"\r\n"...)
	b = append(b, "Connection: Keep-Alive\r\nHost: "+to.Addr+"\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(size), 10)
	b = append(b, "\r\n\r\n"...)
	out, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(b, m)
	if err != nil {
		return b[:start], fmt.Errorf("marshal %s: %w", m.ProtoReflect().Descriptor().FullName(), err)
	}
	return out, nil
}
