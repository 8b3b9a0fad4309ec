package launch

import (
	"slices"
	"testing"

	v1 "mesos/messages/mesos/v1"
)

// TestReferences parts variables that isolators look up from those that are known,
// and keeps what was looked up.
func TestReferences(t *testing.T) {
	e := &v1.Environment{Variables: []*v1.Environment_Variable{
		plain("A", "a"), secret("TOKEN", &v1.Secret{Type: v1.Secret_REFERENCE.Enum()}), secret("KEY", &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: []byte("k")}}),
	}}
	if r := References(e); len(r) != 1 || r[0].GetName() != "TOKEN" {
		t.Errorf("references: got %v, want TOKEN", r)
	}
	if got, err := Environ(nil, Others(e)); err != nil || !slices.Equal(got, []string{"A=a", "KEY=k"}) {
		t.Errorf("others: got %q, %v, want A and KEY", got, err)
	}
	if got, err := Environ([]string{"TOKEN=t"}, e); err != nil || !slices.Equal(got, []string{"TOKEN=t", "A=a", "KEY=k"}) {
		t.Errorf("looked up: got %q, %v, want TOKEN as it was", got, err)
	}
	if _, err := Environ(nil, e); err == nil {
		t.Error("not looked up: got no error")
	}
}
