package mesosjson

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// places says where in a generated struct the fields are: by field number, and
// by name for the interface of a oneof.
type places struct {
	number map[protoreflect.FieldNumber]int
	oneof  map[string]int
}

// structPlaces reads the struct tags that the protobuf compiler writes.
func structPlaces(t reflect.Type) (places, error) {
	p := places{map[protoreflect.FieldNumber]int{}, map[string]int{}}
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		if name := tag.Get("protobuf_oneof"); name != "" {
			p.oneof[name] = i
		}
		parts := strings.Split(tag.Get("protobuf"), ",")
		if len(parts) < 2 || !t.Field(i).IsExported() {
			continue
		}
		n, err := strconv.Atoi(parts[1])
		if err != nil {
			return p, fmt.Errorf("field number in the tag of %s.%s: %w", t, t.Field(i).Name, err)
		}
		p.number[protoreflect.FieldNumber(n)] = i
	}
	return p, nil
}

func (b *builder) field(mt protoreflect.MessageType, fd protoreflect.FieldDescriptor, in places) (*field, error) {
	f := &field{
		name:     string(fd.Name()),
		key:      `"` + string(fd.Name()) + `":`,
		required: fd.Cardinality() == protoreflect.Required,
	}
	index, ok := in.number[fd.Number()]
	if o := fd.ContainingOneof(); o != nil && !o.IsSynthetic() {
		index, ok = in.oneof[string(o.Name())]
	}
	if !ok {
		return nil, fmt.Errorf("%s has no exported struct field", fd.FullName())
	}
	f.index = index
	goType := b.goType(f, mt, fd)

	var err error
	valueField := fd
	if f.shape == mapping {
		if goType.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("%s is a map with keys that are no strings", fd.FullName())
		}
		goType, valueField = goType.Elem(), fd.MapValue()
	}
	if f.value, err = b.value(valueField, goType, nested(mt, fd)); err != nil {
		return nil, err
	}
	f.absent = absentText(f, fd)
	return f, nil
}

// goType sets the shape of f and returns the Go type of its value, of the list's
// element, or of the map.
func (b *builder) goType(f *field, mt protoreflect.MessageType, fd protoreflect.FieldDescriptor) reflect.Type {
	t := reflect.TypeOf(mt.Zero().Interface()).Elem().Field(f.index).Type
	switch {
	case t.Kind() == reflect.Interface:
		f.shape = oneof
		m := mt.New()
		m.Set(fd, m.NewField(fd))
		member := reflect.ValueOf(m.Interface()).Elem().Field(f.index).Elem()
		f.wrapper = member.Type().Elem()
		return f.wrapper.Field(0).Type
	case fd.IsMap():
		f.shape = mapping
		return t
	case fd.IsList():
		f.shape = list
		return t.Elem()
	case !fd.HasPresence():
		f.shape = implicit
		return t
	case t.Kind() == reflect.Pointer && fd.Message() == nil:
		return t.Elem()
	default: // message pointers and bytes, which are their own presence
		return t
	}
}

// nested returns the type of the messages in a field, or nil.
func nested(mt protoreflect.MessageType, fd protoreflect.FieldDescriptor) protoreflect.MessageType {
	switch m := mt.New(); {
	case fd.IsMap() && fd.MapValue().Message() != nil:
		return m.NewField(fd).Map().NewValue().Message().Type()
	case fd.IsMap() || fd.Message() == nil:
		return nil
	case fd.IsList():
		return m.NewField(fd).List().NewElement().Message().Type()
	default:
		return m.NewField(fd).Message().Type()
	}
}

func (b *builder) value(fd protoreflect.FieldDescriptor, t reflect.Type, mt protoreflect.MessageType) (value, error) {
	v := value{kind: fd.Kind(), goType: t}
	switch v.kind {
	case protoreflect.MessageKind:
		p, err := b.plan(mt)
		if err != nil {
			return v, err
		}
		v.message, v.goType = p, p.goType
	case protoreflect.EnumKind:
		v.enum = enumOf(fd.Enum())
	case protoreflect.GroupKind:
		return v, fmt.Errorf("%s is a group", fd.FullName())
	}
	return v, nil
}

// absentText renders the explicit default of an optional field that is not
// deprecated, key and comma included.
func absentText(f *field, fd protoreflect.FieldDescriptor) string {
	deprecated := fd.Options().(*descriptorpb.FieldOptions).GetDeprecated()
	if f.shape != pointer || f.required || deprecated || !fd.HasDefault() {
		return ""
	}
	b := []byte(f.key)
	switch d := fd.Default(); fd.Kind() {
	case protoreflect.EnumKind:
		b = append(b, f.value.enum.text(int32(d.Enum()))...)
	case protoreflect.BytesKind:
		b = appendBytes(b, d.Bytes())
	case protoreflect.StringKind:
		b = appendString(b, d.String())
	case protoreflect.DoubleKind:
		b = appendFloat(b, d.Float(), 64)
	case protoreflect.FloatKind:
		b = appendFloat(b, d.Float(), 32)
	default: // whole numbers and booleans
		b = append(b, d.String()...)
	}
	return string(append(b, ','))
}
