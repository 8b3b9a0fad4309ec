package operator

import (
	"net/http"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// CheckCall says what a call of the operator API of either daemon lacks, nil if nothing: its type, or the part that
// bears the type's name. Reads, GET_METRICS among them, and PRUNE_IMAGES may do without.
func CheckCall(call proto.Message) *Refusal {
	c := call.ProtoReflect()
	fields := c.Descriptor().Fields()
	kind := fields.ByName("type")
	if !c.Has(kind) {
		return Refuse(http.StatusBadRequest, "Expecting 'type' to be present: it must be one of the types of %s.", c.Descriptor().FullName())
	}
	value := kind.Enum().Values().ByNumber(c.Get(kind).Enum())
	if value == nil {
		return nil // a type of the future, which is refused as one that is not supported
	}
	name := string(value.Name())
	part := fields.ByName(protoreflect.Name(strings.ToLower(name)))
	if part == nil || strings.HasPrefix(name, "GET_") || name == "PRUNE_IMAGES" || c.Has(part) {
		return nil
	}
	return Refuse(http.StatusBadRequest, "Expecting '%s' to be present: a call of type %s must have it.", part.Name(), name)
}
