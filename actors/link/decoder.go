package link

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// maxNames bounds what a decoder remembers, whatever a peer sends.
const maxNames = 4096

// decoder makes messages of frames. It remembers types and actor ids, so that a frame costs no look-up in the global
// registry and no new strings. One goroutine uses it.
type decoder struct {
	types map[string]protoreflect.MessageType
	names map[string]string
}

func newDecoder() *decoder {
	return &decoder{types: map[string]protoreflect.MessageType{}, names: map[string]string{}}
}

// message decodes the body. An error means that this message cannot be read; the stream is good.
func (d *decoder) message(f frame) (proto.Message, error) {
	t, ok := d.types[string(f.typ)]
	if !ok {
		var err error
		t, err = protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(f.typ))
		if err != nil {
			return nil, fmt.Errorf("message type %.200q: %w", f.typ, err)
		}
		d.types[string(f.typ)] = t
	}
	m := t.New().Interface()
	// Merge saves resetting what is new.
	if err := (proto.UnmarshalOptions{Merge: true}).Unmarshal(f.body, m); err != nil {
		return nil, fmt.Errorf("unmarshal %s: %w", f.typ, err)
	}
	return m, nil
}

// name returns b as a string, the same one for the same bytes.
func (d *decoder) name(b []byte) string {
	if s, ok := d.names[string(b)]; ok {
		return s
	}
	if len(d.names) >= maxNames {
		clear(d.names)
	}
	s := string(b)
	d.names[s] = s
	return s
}
