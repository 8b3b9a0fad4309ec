package resources

import "testing"

func TestRevoked(t *testing.T) {
	r, err := Parse("cpus:4;mem:100;ports:[1-9];cpus(web):2", "*")
	if err != nil {
		t.Fatal(err)
	}
	got := r.Revoked()
	if want := "cpus{REV}:4; mem{REV}:100; ports{REV}:[1-9]"; got.String() != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !got.Revocable().Equal(got) || !got.Revoked().Equal(got) {
		t.Errorf("got %s revocable, and %s when it is revoked again: want all of %s", got.Revocable(), got.Revoked(), got)
	}
	if none := (Resources{}).Revoked(); !none.IsEmpty() {
		t.Errorf("nothing: got %s", none)
	}
}
