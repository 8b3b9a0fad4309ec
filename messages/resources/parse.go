package resources

import (
	"encoding/json"
	"fmt"
	"strings"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// nothing is how an empty list prints, in text form.
const nothing = "{}"

// Parse reads the value of --resources: text such as
//
//	cpus:4;mem:4096;ports:[31000-32000];disks:{a,b};cpus(web):2
//
// or a JSON array of mesos.v1.Resource. What names no role is reserved to
// defaultRole; "*" leaves it unreserved. Only what an operator may say of an
// agent is accepted: no volumes, no dynamic reservations, nothing revocable, and
// one type for each name.
func Parse(text, defaultRole string) (Resources, error) {
	ms, err := parseMessages(text, defaultRole)
	if err != nil {
		return Resources{}, err
	}
	r, err := FromProto(ms)
	if err != nil {
		return Resources{}, err
	}
	if err := validateOperators(ms); err != nil {
		return Resources{}, err
	}
	return r, nil
}

// MustParse is Parse for texts that are known to be right; it panics otherwise.
func MustParse(text string) Resources {
	r, err := Parse(text, "*")
	if err != nil {
		panic(err)
	}
	return r
}

func parseMessages(text, defaultRole string) ([]*v1.Resource, error) {
	switch text = strings.TrimSpace(text); {
	case text == nothing:
		return nil, nil
	case strings.HasPrefix(text, "["):
		return parseJSON(text, defaultRole)
	}
	var ms []*v1.Resource
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		m, err := parseEntry(part, defaultRole)
		if err != nil {
			return nil, fmt.Errorf("resources[%d] %w", len(ms), err)
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// parseEntry reads name:value or name(role):value.
func parseEntry(text, role string) (*v1.Resource, error) {
	head, tail := text, ""
	if i := strings.IndexAny(text, "(:"); i >= 0 {
		head, tail = text[:i], text[i:]
	}
	name := strings.TrimSpace(head)
	if strings.HasPrefix(tail, "(") {
		end := strings.IndexByte(tail, ')')
		if end < 0 {
			return nil, fmt.Errorf("%.60q: role must end with )", text)
		}
		role, tail = strings.TrimSpace(tail[1:end]), strings.TrimSpace(tail[end+1:])
	}
	if !strings.HasPrefix(tail, ":") {
		return nil, fmt.Errorf("%.60q must be name:value or name(role):value", text)
	}
	v, err := parseValue(tail[1:])
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	m, err := v.resource()
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	m.Name, m.Role = &name, &role
	return m, nil
}

// resource returns v as the amount of a resource.
func (v value) resource() (*v1.Resource, error) {
	m := &v1.Resource{Type: v.typ.Enum()}
	switch v.typ {
	case scalarType:
		m.Scalar = &v1.Value_Scalar{Value: &v.scalar}
	case rangesType:
		m.Ranges = rangesMessage(v.ranges)
	case setType:
		m.Set = &v1.Value_Set{Item: v.items}
	default:
		if strings.HasPrefix(v.text, "-") {
			return nil, fmt.Errorf("value %.60q must not be negative", v.text)
		}
		return nil, fmt.Errorf("value %.60q must be a number, ranges such as [1-2], or a set such as {a, b}", v.text)
	}
	return m, nil
}

// parseJSON reads an array entry by entry, so that errors can tell which.
func parseJSON(text, defaultRole string) ([]*v1.Resource, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("resources must be a JSON array: %w", err)
	}
	ms := make([]*v1.Resource, len(raw))
	for i, data := range raw {
		ms[i] = &v1.Resource{}
		if err := mesosjson.Unmarshal(data, ms[i]); err != nil {
			return nil, fmt.Errorf("resources[%d]: %w", i, err)
		}
		if ms[i].Role == nil && len(ms[i].Reservations) == 0 {
			ms[i].Role = &defaultRole
		}
	}
	return ms, nil
}

// validateOperators checks what only makes sense at run time. ms is valid.
func validateOperators(ms []*v1.Resource) error {
	types := map[string]v1.Value_Type{}
	for i, m := range ms {
		if err := operatorFault(m, types); err != nil {
			err.Index, err.Name = i, m.GetName()
			return err
		}
	}
	return nil
}

func operatorFault(m *v1.Resource, types map[string]v1.Value_Type) *Error {
	switch {
	case m.GetDisk().GetPersistence() != nil:
		return fault("disk.persistence", "must not be set: volumes are created at run time")
	case m.Revocable != nil:
		return fault("revocable", "must not be set: it is decided at run time")
	case m.Reservation != nil:
		return fault("reservation", "must not be set: dynamic reservations are made at run time")
	case m.AllocationInfo != nil:
		return fault("allocation_info", "must not be set: allocations are made at run time")
	}
	for i, r := range m.Reservations {
		if r.GetType() == dynamic {
			return fault(fmt.Sprintf("reservations[%d].type", i), "must be STATIC: dynamic reservations are made at run time")
		}
	}
	if typ, seen := types[m.GetName()]; seen && typ != m.GetType() {
		return fault("type", "%v must be %v, as before for this name", m.GetType(), typ)
	}
	types[m.GetName()] = m.GetType()
	return nil
}
