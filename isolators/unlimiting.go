package isolators

// Unlimiting is for embedding in isolators that never limit, and so hold nothing.
type Unlimiting struct{}

// Watch implements Isolator.
func (Unlimiting) Watch(string) <-chan Limitation { return nil }

// Close implements Isolator.
func (Unlimiting) Close() {}
