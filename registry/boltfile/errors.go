package boltfile

import "errors"

// Why a file cannot be used; an *Error wraps one of them.
var (
	ErrInUse   = errors.New("it is in use")
	ErrForeign = errors.New("it is something else")
	ErrVersion = errors.New("it is of another version")
	ErrDamaged = errors.New("it is damaged")
)

// Error refuses a file. Nothing was changed in it.
type Error struct {
	Path   string
	Err    error  // one of the above
	Detail string // what was found
	kind   *Kind
}

func (e *Error) Error() string {
	why := e.Err.Error()
	switch {
	case errors.Is(e.Err, ErrInUse):
		why = "another " + e.kind.Owner + " uses it"
	case errors.Is(e.Err, ErrForeign):
		why = "it is not " + e.kind.Content
	}
	s := e.kind.Name + " " + e.Path + " cannot be used: " + why
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	if errors.Is(e.Err, ErrInUse) {
		return s + ": give each " + e.kind.Owner + " a work_dir of its own"
	}
	return s + ": " + e.kind.Advice
}

func (e *Error) Unwrap() error { return e.Err }

// Damaged is the error for a file whose rows are whole but make no sense.
func (k *Kind) Damaged(path, detail string) error { return k.refuse(path, ErrDamaged, detail) }

func (k *Kind) refuse(path string, why error, detail string) error {
	return &Error{Path: path, Err: why, Detail: detail, kind: k}
}
