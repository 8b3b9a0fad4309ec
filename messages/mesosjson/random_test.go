package mesosjson_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	// Linked in so that the tests run over every message there is.
	_ "mesos/messages/internalpb"
	_ "mesos/messages/mesos/v1"
	_ "mesos/messages/mesos/v1/agent"
	_ "mesos/messages/mesos/v1/allocator"
	_ "mesos/messages/mesos/v1/executor"
	_ "mesos/messages/mesos/v1/maintenance"
	_ "mesos/messages/mesos/v1/master"
	_ "mesos/messages/mesos/v1/quota"
	_ "mesos/messages/mesos/v1/resource_provider"
	_ "mesos/messages/mesos/v1/scheduler"
)

// messageTypes returns every message type of ours, sorted by name.
func messageTypes() []protoreflect.MessageType {
	var types []protoreflect.MessageType
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		if strings.HasPrefix(string(mt.Descriptor().FullName()), "mesos.") {
			types = append(types, mt)
		}
		return true
	})
	slices.SortFunc(types, func(a, b protoreflect.MessageType) int {
		return strings.Compare(string(a.Descriptor().FullName()), string(b.Descriptor().FullName()))
	})
	return types
}

// randomMessage fills a message: required fields always, others by chance that
// sinks with depth, so that recursive types end.
func randomMessage(r *rand.Rand, mt protoreflect.MessageType, depth int) proto.Message {
	m := mt.New()
	fds := mt.Descriptor().Fields()
	for i := range fds.Len() {
		fd := fds.Get(i)
		if fd.Cardinality() != protoreflect.Required && (depth > 6 || r.IntN(4) < 1+depth/3) {
			continue
		}
		switch {
		case fd.IsList():
			l := m.Mutable(fd).List()
			for range r.IntN(3) {
				l.Append(randomValue(r, fd, l.NewElement, depth))
			}
		case fd.IsMap():
			mm := m.Mutable(fd).Map()
			for range r.IntN(4) {
				key := randomValue(r, fd.MapKey(), nil, depth).MapKey()
				mm.Set(key, randomValue(r, fd.MapValue(), mm.NewValue, depth))
			}
		default:
			m.Set(fd, randomValue(r, fd, func() protoreflect.Value { return m.NewField(fd) }, depth))
		}
	}
	return m.Interface()
}

var (
	someFloats  = []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 0.30000000000000004, 15, 4096, 1e15, 1e20, 1e21, 1e300, 5e-324, 1e-6, 1e-7, 123456.789, 1795298045.0111418, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}
	someStrings = []string{"", "*", "cpus", "a/b", `quote " back \`, "line\nbreak\ttab\x00\x1f\x7f", "größe ☃ 🙂", "</script>", "\u2028", "true", "1", "null"}
	someInts    = []int64{0, 1, -1, 7, 5050, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64, 1 << 53}
	someUints   = []uint64{0, 1, 31000, math.MaxUint32, math.MaxInt64, 1 << 63, math.MaxUint64}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func randomValue(r *rand.Rand, fd protoreflect.FieldDescriptor, make func() protoreflect.Value, depth int) protoreflect.Value {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		return protoreflect.ValueOfMessage(randomMessage(r, make().Message().Type(), depth+1).ProtoReflect())
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(fd.Enum().Values().Get(r.IntN(fd.Enum().Values().Len())).Number())
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(pick(r, someStrings))
	case protoreflect.BytesKind:
		b := []byte{}
		for range r.IntN(20) {
			b = append(b, byte(r.Uint32()))
		}
		return protoreflect.ValueOfBytes(b)
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(r.IntN(2) == 0)
	case protoreflect.DoubleKind:
		if r.IntN(2) == 0 {
			return protoreflect.ValueOfFloat64(math.Float64frombits(r.Uint64()))
		}
		return protoreflect.ValueOfFloat64(pick(r, someFloats))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(pick(r, someInts)))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(pick(r, someInts))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(pick(r, someUints)))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(pick(r, someUints))
	default:
		panic("no generator for " + fd.Kind().String())
	}
}

// withDefaults sets, as writing and reading JSON does, every unset optional field
// that has an explicit default and is not deprecated.
func withDefaults(m protoreflect.Message) {
	fds := m.Descriptor().Fields()
	for i := range fds.Len() {
		fd := fds.Get(i)
		optional := fd.Cardinality() == protoreflect.Optional && fd.ContainingOneof() == nil
		deprecated := fd.Options().(*descriptorpb.FieldOptions).GetDeprecated()
		if !m.Has(fd) {
			if optional && fd.HasDefault() && !deprecated {
				m.Set(fd, fd.Default())
			}
			continue
		}
		switch v := m.Get(fd); {
		case fd.IsMap() && fd.MapValue().Message() != nil:
			v.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				withDefaults(v.Message())
				return true
			})
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				withDefaults(v.List().Get(i).Message())
			}
		case !fd.IsMap() && fd.Message() != nil:
			withDefaults(v.Message())
		}
	}
}
