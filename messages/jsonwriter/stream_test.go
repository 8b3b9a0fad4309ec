package jsonwriter

import (
	"bytes"
	"testing"
)

// TestPieces wants the pieces of a streaming Writer to be the text of a collecting one.
func TestPieces(t *testing.T) {
	write := func(w *Writer) {
		w.Object(func() {
			w.Field("version", "1.11.0")
			List(w, "numbers", make([]struct{}, 20_000), func(w *Writer, _ struct{}) {
				w.Object(func() { w.Field("n", 1.0) })
			})
			w.Field("end", true)
		})
	}
	var whole Writer
	write(&whole)
	want, err := whole.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	pieces := 0
	w := To(func(p []byte) { got = append(got, p...); pieces++ })
	write(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got %d bytes in pieces, want the %d bytes of the whole text", len(got), len(want))
	}
	if want := len(want) / (PieceSize + PieceSize/4); pieces < want {
		t.Errorf("got %d pieces, want at least %d", pieces, want)
	}
}

func TestFlushTellsErrors(t *testing.T) {
	w := To(func([]byte) {})
	w.Object(func() { w.Field("f", struct{}{}) })
	if w.Flush() == nil {
		t.Error("a value without JSON form: got no error")
	}
}
