package mesosjson

// pending keeps the errors of values in one object that a later value of the
// same key may still replace.
type pending []pendingError

type pendingError struct {
	key string
	err *Error
}

// mostPending bounds what is kept: an object with so many bad values is refused
// without looking for their replacements.
const mostPending = 32

// add keeps err until the object ends. It returns it at once if the text is
// broken, so that nothing can follow, or if there are too many already.
func (p *pending) add(d *decoder, key string, err *Error) *Error {
	if d.broken {
		return err
	}
	if len(*p) == mostPending {
		d.broken = true
		return (*p)[0].err
	}
	*p = append(*p, pendingError{key, err})
	return nil
}

// drop forgets the errors of a key that comes again.
func (p *pending) drop(key string) {
	if len(*p) == 0 {
		return
	}
	kept := (*p)[:0]
	for _, e := range *p {
		if e.key != key {
			kept = append(kept, e)
		}
	}
	*p = kept
}

func (p *pending) first() *Error {
	if len(*p) == 0 {
		return nil
	}
	return (*p)[0].err
}
