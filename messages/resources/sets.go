package resources

// Sets are sorted slices of distinct strings. Results may share an argument.

func unionItems(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make([]string, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] > b[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

func subtractItems(a, b []string) []string {
	if len(a) == 0 || len(b) == 0 {
		return a
	}
	out := make([]string, 0, len(a))
	for _, s := range a {
		for len(b) > 0 && b[0] < s {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != s {
			out = append(out, s)
		}
	}
	return out
}

func containsItems(a, b []string) bool {
	for _, s := range b {
		for len(a) > 0 && a[0] < s {
			a = a[1:]
		}
		if len(a) == 0 || a[0] != s {
			return false
		}
	}
	return true
}

// appendItems prints items as "{a, b}".
func appendItems(b []byte, items []string) []byte {
	b = append(b, '{')
	for i, s := range items {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, s...)
	}
	return append(b, '}')
}
