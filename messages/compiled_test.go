package messages_test

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	// Linked in for their descriptors.
	_ "mesos/messages/internalpb"
	_ "mesos/messages/internalpb/resourceprovider"
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

// compiledRows returns a row for every field, enum value and empty message in
// the linked files whose path starts with prefix, in declaration order.
func compiledRows(prefix string) []row {
	var files []protoreflect.FileDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(fd protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(fd.Path(), prefix) {
			files = append(files, fd)
		}
		return true
	})
	slices.SortFunc(files, func(a, b protoreflect.FileDescriptor) int {
		return strings.Compare(a.Path(), b.Path())
	})
	var rows []row
	for _, fd := range files {
		rows = appendScope(rows, fd)
	}
	return rows
}

// scope is what a file and a message have in common.
type scope interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
}

func appendScope(rows []row, s scope) []row {
	for i := range s.Enums().Len() {
		rows = appendEnum(rows, s.Enums().Get(i))
	}
	for i := range s.Messages().Len() {
		m := s.Messages().Get(i)
		if m.IsMapEntry() {
			continue // told by the map field itself
		}
		rows = appendFields(rows, m)
		rows = appendScope(rows, m)
	}
	return rows
}

func appendEnum(rows []row, e protoreflect.EnumDescriptor) []row {
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		rows = append(rows, row{
			Parent: string(e.FullName()), Name: string(v.Name()),
			Number: strconv.Itoa(int(v.Number())), File: e.ParentFile().Path(),
		})
	}
	return rows
}

func appendFields(rows []row, m protoreflect.MessageDescriptor) []row {
	base := row{
		Parent: string(m.FullName()),
		File:   m.ParentFile().Path(), Syntax: m.ParentFile().Syntax().String(),
	}
	if m.Fields().Len() == 0 {
		return append(rows, base)
	}
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		r := base
		r.Name = string(f.Name())
		r.Number = strconv.Itoa(int(f.Number()))
		r.Label, r.Type = labelOf(f), typeOf(f)
		r.Default = defaultOf(f)
		if o := f.ContainingOneof(); o != nil {
			r.Oneof = string(o.Name())
		}
		if f.Options().(*descriptorpb.FieldOptions).GetDeprecated() {
			r.Deprecated = "deprecated"
		}
		rows = append(rows, r)
	}
	return rows
}

func labelOf(f protoreflect.FieldDescriptor) string {
	if f.IsMap() {
		return "map"
	}
	return f.Cardinality().String()
}

func typeOf(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return "map<" + typeOf(f.MapKey()) + "," + typeOf(f.MapValue()) + ">"
	case f.Kind() == protoreflect.MessageKind:
		return string(f.Message().FullName())
	case f.Kind() == protoreflect.EnumKind:
		return string(f.Enum().FullName())
	default:
		return f.Kind().String()
	}
}

func defaultOf(f protoreflect.FieldDescriptor) string {
	switch {
	case !f.HasDefault():
		return ""
	case f.Kind() == protoreflect.EnumKind:
		return string(f.DefaultEnumValue().Name())
	default:
		return f.Default().String()
	}
}
