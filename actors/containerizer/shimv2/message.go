package shimv2

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// What is zero is left out, as in all of protobuf's version 3.

func appendString(b []byte, n protowire.Number, s string) []byte {
	return appendBytes(b, n, []byte(s))
}

func appendBytes(b []byte, n protowire.Number, v []byte) []byte {
	if len(v) == 0 {
		return b
	}
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
}

func appendNumber(b []byte, n protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

func appendBool(b []byte, n protowire.Number, v bool) []byte {
	return appendNumber(b, n, protowire.EncodeBool(v))
}

// appendAny appends a message of a kind that is named beside it.
func appendAny(b []byte, n protowire.Number, kind string, value []byte) []byte {
	if kind == "" {
		return b
	}
	return appendBytes(b, n, appendBytes(appendString(nil, 1, kind), 2, value))
}

// eachField calls f for each number and each sequence of bytes of a message.
func eachField(message []byte, f func(n protowire.Number, v uint64, b []byte)) error {
	for len(message) > 0 {
		n, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return protowire.ParseError(size)
		}
		message = message[size:]
		var v uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			v, size = protowire.ConsumeVarint(message)
		case protowire.BytesType:
			b, size = protowire.ConsumeBytes(message)
		default:
			size = protowire.ConsumeFieldValue(n, kind, message)
		}
		if size < 0 {
			return errors.Join(errors.New("a message that is no protobuf"), protowire.ParseError(size))
		}
		if kind == protowire.VarintType || kind == protowire.BytesType {
			f(n, v, b)
		}
		message = message[size:]
	}
	return nil
}
