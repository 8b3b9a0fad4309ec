package fault

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// known returns an error if no message that this program can send or read has a name that pattern stands for: such a
// rule would wait forever, and its author with it.
func known(pattern string) error {
	if pattern == "" {
		return nil
	}
	found := false
	protoregistry.GlobalTypes.RangeMessages(func(t protoreflect.MessageType) bool {
		found = names(pattern, t.Descriptor())
		return !found
	})
	if !found {
		return fmt.Errorf("message: no message is called %q: write it like StatusUpdateMessage, Call.ACCEPT or Event.*; `mesos fault trace` shows those that pass", pattern)
	}
	return nil
}

// names says that pattern stands for messages of this description, or for those of one of its types.
func names(pattern string, d protoreflect.MessageDescriptor) bool {
	if wild(pattern, string(d.Name())) || wild(pattern, string(d.FullName())) {
		return true
	}
	field := typeField(d)
	if field == nil {
		return false
	}
	values := field.Enum().Values()
	for i := range values.Len() {
		if wild(pattern, kind(d, values.Get(i))) {
			return true
		}
	}
	return false
}
