package httpapi

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/messages/mesosjson"
)

// The media types of message bodies, exactly as they stand in headers.
const (
	MediaJSON     = "application/json"
	MediaProtobuf = "application/x-protobuf"
)

// Type is an encoding of messages. The zero Type is none.
type Type uint8

// The encodings that calls and answers may have.
const (
	JSON Type = iota + 1
	Protobuf
)

// String returns the media type.
func (t Type) String() string {
	switch t {
	case JSON:
		return MediaJSON
	case Protobuf:
		return MediaProtobuf
	}
	return "none"
}

// ParseType reads a Content-Type. Only the two exact spellings count: no parameters, no other case, as in Mesos.
func ParseType(header string) (t Type, ok bool) {
	switch header {
	case MediaJSON:
		return JSON, true
	case MediaProtobuf:
		return Protobuf, true
	}
	return 0, false
}

// Marshal encodes m.
func Marshal(t Type, m proto.Message) ([]byte, error) { return appendMessage(nil, t, m) }

// JSONAppender is a message with a JSON form of its own, different from that of other messages or made once for many.
type JSONAppender interface {
	proto.Message
	AppendJSON(b []byte) ([]byte, error)
}

func appendMessage(b []byte, t Type, m proto.Message) ([]byte, error) {
	var err error
	switch t {
	case JSON:
		if own, ok := m.(JSONAppender); ok {
			b, err = own.AppendJSON(b)
			break
		}
		b, err = mesosjson.Append(b, m)
	case Protobuf:
		b, err = proto.MarshalOptions{}.MarshalAppend(b, m)
	default:
		err = fmt.Errorf("unknown media type %d", t)
	}
	if err != nil {
		return nil, fmt.Errorf("%s as %s: %w", m.ProtoReflect().Descriptor().FullName(), t, err)
	}
	return b, nil
}

// Unmarshal decodes data into m. Missing required fields are errors.
func Unmarshal(t Type, data []byte, m proto.Message) error {
	switch t {
	case JSON:
		return mesosjson.Unmarshal(data, m)
	case Protobuf:
		if err := proto.Unmarshal(data, m); err != nil {
			// The library varies the space after its name from build to build.
			text := strings.ReplaceAll(err.Error(), "\u00a0", " ")
			return errors.New(strings.TrimPrefix(text, "proto: "))
		}
		return nil
	}
	return fmt.Errorf("unknown media type %d", t)
}
