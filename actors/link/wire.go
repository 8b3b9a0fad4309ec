package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

const (
	magic        = "\x9dmlk"
	version      = 1
	lengthSize   = 4
	maxHello     = 4096 // bytes
	maxAddrBytes = 512
)

// Field numbers of Hello and Frame, see the package comment.
const (
	helloVersion = 1
	helloAddr    = 2
	helloProgram = 3
	helloSession = 4

	frameTo   = 1
	frameFrom = 2
	frameType = 3
	frameBody = 4
)

// incarnation is one session as one side names it: the start of its program and the number of the session.
type incarnation struct {
	program [16]byte
	session uint64
}

// olderThan tells whether i is a session that the same program had before o. Of two programs neither is older.
func (i incarnation) olderThan(o incarnation) bool {
	return i.program == o.program && i.session < o.session
}

// hello is what each side says first.
type hello struct {
	addr string
	inc  incarnation
}

// appendHello appends magic, length and hello.
func appendHello(b []byte, h hello) []byte {
	var m []byte
	m = protowire.AppendTag(m, helloVersion, protowire.VarintType)
	m = protowire.AppendVarint(m, version)
	m = protowire.AppendTag(m, helloAddr, protowire.BytesType)
	m = protowire.AppendString(m, h.addr)
	m = protowire.AppendTag(m, helloProgram, protowire.BytesType)
	m = protowire.AppendBytes(m, h.inc.program[:])
	m = protowire.AppendTag(m, helloSession, protowire.VarintType)
	m = protowire.AppendVarint(m, h.inc.session)
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(m)))
	return append(b, m...)
}

// decodeHello reads and checks a hello without magic and length.
func decodeHello(b []byte) (hello, error) {
	var h hello
	var peerVersion uint64
	for len(b) > 0 {
		num, v, s, n := consumeField(b)
		if n < 0 {
			return hello{}, fmt.Errorf("hello: %w", protowire.ParseError(n))
		}
		b = b[n:]
		switch num {
		case helloVersion:
			peerVersion = v
		case helloAddr:
			h.addr = string(s)
		case helloProgram:
			if len(s) != len(h.inc.program) {
				return hello{}, fmt.Errorf("hello program: %d bytes, want %d", len(s), len(h.inc.program))
			}
			copy(h.inc.program[:], s)
		case helloSession:
			h.inc.session = v
		}
	}
	if peerVersion != version {
		return hello{}, fmt.Errorf("hello version: peer speaks link version %d, this program %d", peerVersion, version)
	}
	if len(h.addr) > maxAddrBytes {
		return hello{}, fmt.Errorf("hello addr: %d bytes, want at most %d", len(h.addr), maxAddrBytes)
	}
	if err := checkAddr(h.addr); err != nil {
		return hello{}, fmt.Errorf("hello addr: %w", err)
	}
	if h.inc.program == [16]byte{} {
		return hello{}, errors.New("hello program: missing")
	}
	return h, nil
}

// frame is a decoded Frame; the slices point into the read buffer.
type frame struct{ to, from, typ, body []byte }

// errTooLong tells of a message that is longer than MaxFrame.
var errTooLong = errors.New("message too long")

// appendFrame appends length and frame. On an error b comes back unchanged.
func appendFrame(b []byte, from, to string, m proto.Message, maxFrame int) ([]byte, error) {
	name := string(m.ProtoReflect().Descriptor().FullName())
	body := proto.Size(m)
	size := stringFieldSize(to) + stringFieldSize(from) + stringFieldSize(name) + 1 + protowire.SizeBytes(body)
	if size > maxFrame {
		return b, fmt.Errorf("%w: %d bytes, want at most %d", errTooLong, size, maxFrame)
	}
	start := len(b)
	b = slices.Grow(b, lengthSize+size)
	b = binary.BigEndian.AppendUint32(b, uint32(size))
	b = appendStringField(b, frameTo, to)
	b = appendStringField(b, frameFrom, from)
	b = appendStringField(b, frameType, name)
	b = protowire.AppendTag(b, frameBody, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(body))
	b, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(b, m)
	if err != nil {
		return b[:start], fmt.Errorf("marshal %s: %w", name, err)
	}
	if len(b) != start+lengthSize+size {
		return b[:start], fmt.Errorf("marshal %s: message changed while it was sent", name)
	}
	return b, nil
}

// stringFieldSize counts a one-byte tag; all field numbers here are below 16.
func stringFieldSize(s string) int { return 1 + protowire.SizeBytes(len(s)) }

func appendStringField(b []byte, num protowire.Number, s string) []byte {
	b = protowire.AppendTag(b, num, protowire.BytesType)
	return protowire.AppendString(b, s)
}

// decodeFrame splits a frame without its length.
func decodeFrame(b []byte) (frame, error) {
	var f frame
	for len(b) > 0 {
		num, _, s, n := consumeField(b)
		if n < 0 {
			return frame{}, fmt.Errorf("frame: %w", protowire.ParseError(n))
		}
		b = b[n:]
		switch num {
		case frameTo:
			f.to = s
		case frameFrom:
			f.from = s
		case frameType:
			f.typ = s
		case frameBody:
			f.body = s
		}
	}
	return f, nil
}

// consumeField reads one field: v is its value if it is a varint, s if it is bytes. n is its length, negative if it
// cannot be read.
func consumeField(b []byte) (num protowire.Number, v uint64, s []byte, n int) {
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return 0, 0, nil, n
	}
	var m int
	switch typ {
	case protowire.VarintType:
		v, m = protowire.ConsumeVarint(b[n:])
	case protowire.BytesType:
		s, m = protowire.ConsumeBytes(b[n:])
	default:
		m = protowire.ConsumeFieldValue(num, typ, b[n:])
	}
	if m < 0 {
		return 0, 0, nil, m
	}
	return num, v, s, n + m
}
