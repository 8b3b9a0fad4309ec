package flags

import "strings"

// Suggest returns the known name that is most like the wrong one, or "" if none is near.
func Suggest(wrong string, known []string) string {
	wrong = strings.ReplaceAll(strings.ToLower(wrong), "-", "_")
	// A third of the letters may be wrong; of four or five, one.
	best, least := "", max(1, len(wrong)/3)+1
	for _, name := range known {
		if d := distance(wrong, name, least); d < least {
			best, least = name, d
		}
	}
	if best != "" || len(wrong) < 4 {
		return best
	}
	for _, name := range known {
		if strings.Contains("_"+name+"_", "_"+wrong+"_") {
			if best != "" {
				return "" // several have these words: none is more likely
			}
			best = name
		}
	}
	return best
}

// distance counts the letters to insert, delete, change or swap with their neighbour to make a of b. From limit on the
// exact count does not matter.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	before := make([]int, len(b)+1) // two rows above
	above := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
