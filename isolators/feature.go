package isolators

import "sync"

// Feature is something that a kernel has or lacks, found out by trying.
type Feature struct {
	Name  string
	Needs string // what would provide it

	try  func() error
	once sync.Once
	err  error
}

// NewFeature describes one; try is called at most once.
func NewFeature(name, needs string, try func() error) *Feature {
	return &Feature{Name: name, Needs: needs, try: try}
}

// Missing is nil where the kernel has the feature, else a *MissingError.
func (f *Feature) Missing() error {
	f.once.Do(func() { f.err = f.try() })
	if f.err == nil {
		return nil
	}
	return &MissingError{f.Name, f.Needs, f.err}
}
