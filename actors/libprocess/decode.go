package libprocess

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "mesos/messages/internalpb" // its types are found by name
	"mesos/messages/linkpb"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

const (
	internalPackage = "mesos.internal."
	schedulerCall   = "mesos.scheduler.Call"
)

// errNoSuchMessage is for names that are not of this protocol.
var errNoSuchMessage = errors.New("no such message")

// decode makes the message of a request.
func decode(name string, body []byte) (proto.Message, error) {
	if name == schedulerCall {
		return decodeCall(body)
	}
	if !strings.HasPrefix(name, internalPackage) {
		return nil, fmt.Errorf("%w: %.200q", errNoSuchMessage, name)
	}
	t, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		return nil, fmt.Errorf("%w: %.200q", errNoSuchMessage, name)
	}
	m := t.New().Interface()
	if err := proto.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("body is not a %s: %w", name, err)
	}
	return m, nil
}

// Field numbers of the unversioned SUBSCRIBE call, and what v1 makes of them. Everything else of a call is equal.
const (
	callSubscribe protowire.Number = 3

	subscribeForce       protowire.Number = 2
	subscribeSuppressed  protowire.Number = 3
	subscribeConstraints protowire.Number = 4
	v1Suppressed         protowire.Number = 2
	v1Constraints        protowire.Number = 3
)

func decodeCall(body []byte) (proto.Message, error) {
	var force *bool
	v1Body, err := rewrite(body, func(b []byte, num protowire.Number, typ protowire.Type, value []byte) ([]byte, error) {
		if num != callSubscribe || typ != protowire.BytesType {
			return appendField(b, num, typ, value), nil
		}
		inner, _ := protowire.ConsumeBytes(value) // rewrite saw that it is well formed
		sub, err := rewrite(inner, func(b []byte, num protowire.Number, typ protowire.Type, value []byte) ([]byte, error) {
			switch num {
			case subscribeForce:
				if typ == protowire.VarintType {
					v, _ := protowire.ConsumeVarint(value)
					force = proto.Bool(v != 0)
				}
				return b, nil
			case subscribeSuppressed:
				num = v1Suppressed
			case subscribeConstraints:
				num = v1Constraints
			}
			return appendField(b, num, typ, value), nil
		})
		if err != nil {
			return nil, err
		}
		return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), sub), nil
	})
	call := &schedulerv1.Call{}
	if err == nil {
		err = proto.Unmarshal(v1Body, call)
	}
	if err != nil {
		return nil, fmt.Errorf("body is not a %s: %w", schedulerCall, err)
	}
	return &linkpb.DriverCallMessage{Call: call, Force: force}, nil
}

// rewrite copies a message field by field. value is the encoded value of a field, without its tag.
func rewrite(in []byte, field func(b []byte, num protowire.Number, typ protowire.Type, value []byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(in))
	for len(in) > 0 {
		num, typ, n := protowire.ConsumeTag(in)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		in = in[n:]
		n = protowire.ConsumeFieldValue(num, typ, in)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		var err error
		if out, err = field(out, num, typ, in[:n]); err != nil {
			return nil, err
		}
		in = in[n:]
	}
	return out, nil
}

func appendField(b []byte, num protowire.Number, typ protowire.Type, value []byte) []byte {
	return append(protowire.AppendTag(b, num, typ), value...)
}
