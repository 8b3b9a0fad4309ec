package mesosjson_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// oracle writes a message by the rules in the package comment in the plainest
// way: descriptors only, no plans, no cleverness. Marshal must agree with it.
func oracle(m protoreflect.Message) string {
	var parts []string
	fds := m.Descriptor().Fields()
	for i := range fds.Len() {
		fd := fds.Get(i)
		deprecated := fd.Options().(*descriptorpb.FieldOptions).GetDeprecated()
		if !m.Has(fd) {
			if !fd.HasDefault() || deprecated || fd.Cardinality() != protoreflect.Optional {
				continue
			}
		}
		parts = append(parts, fmt.Sprintf("%q:%s", fd.Name(), oracleField(fd, m.Get(fd))))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func oracleField(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	var parts []string
	switch {
	case fd.IsMap():
		values := map[string]string{}
		v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
			values[k.String()] = oracleValue(fd.MapValue(), v)
			return true
		})
		var keys []string
		for k := range values {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			parts = append(parts, oracleString(k)+":"+values[k])
		}
		return "{" + strings.Join(parts, ",") + "}"
	case fd.IsList():
		for i := range v.List().Len() {
			parts = append(parts, oracleValue(fd, v.List().Get(i)))
		}
		return "[" + strings.Join(parts, ",") + "]"
	default:
		return oracleValue(fd, v)
	}
}

func oracleValue(fd protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch fd.Kind() {
	case protoreflect.MessageKind:
		return oracle(v.Message())
	case protoreflect.EnumKind:
		return strconv.Quote(string(fd.Enum().Values().ByNumber(v.Enum()).Name()))
	case protoreflect.StringKind:
		return oracleString(v.String())
	case protoreflect.BytesKind:
		return strconv.Quote(base64.StdEncoding.EncodeToString(v.Bytes()))
	case protoreflect.DoubleKind:
		return oracleFloat(v.Float())
	default:
		return v.String()
	}
}

func oracleString(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err)
	}
	// encoding/json escapes these two for JavaScript; JSON does not need it.
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
}

func oracleFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f != 0 && (math.Abs(f) < 1e-6 || math.Abs(f) >= 1e21):
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
