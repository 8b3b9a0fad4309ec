package isolators

import (
	"errors"
	"testing"
)

func TestFeature(t *testing.T) {
	tries := 0
	no := errors.New("operation not permitted")
	f := NewFeature("flux", "a kernel with CONFIG_FLUX", func() error { tries++; return no })
	for range 2 {
		err := f.Missing()
		var missing *MissingError
		if !errors.As(err, &missing) || !errors.Is(err, no) {
			t.Fatalf("got %v, want a MissingError with the kernel's", err)
		}
		if want := "this machine has no flux: needs a kernel with CONFIG_FLUX: operation not permitted"; err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
	}
	if tries != 1 {
		t.Errorf("tried %d times, want once", tries)
	}
	if err := NewFeature("air", "", func() error { return nil }).Missing(); err != nil {
		t.Errorf("what is there: got %v, want nil", err)
	}
}
