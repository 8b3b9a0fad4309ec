package httpapi

import (
	"net/http"
	"strings"
)

// Accept is what a client said it can read. The zero Accept allows nothing; ParseAccept makes one.
type Accept struct {
	json, protobuf float64 // weights, 0 = refused
}

// ParseAccept reads the Accept headers (there may be several). None at all, or only empty ones, allow everything.
func ParseAccept(h http.Header) Accept {
	var a Accept
	// How closely the weight found so far matched: 1 for */*, 2 for application/*, 3 for the exact name.
	var jsonRank, protobufRank int
	take := func(weight *float64, rank *int, r int, w float64) {
		if r > *rank || r == *rank && w > *weight {
			*rank, *weight = r, w
		}
	}
	said := false
	for _, line := range h["Accept"] {
		for item := range strings.SplitSeq(line, ",") {
			name, w := parseWeighted(item)
			if name == "" {
				continue
			}
			said = true
			switch name {
			case "*/*", "*": // a lone star is not a media range, but old Java clients send it
				take(&a.json, &jsonRank, 1, w)
				take(&a.protobuf, &protobufRank, 1, w)
			case "application/*":
				take(&a.json, &jsonRank, 2, w)
				take(&a.protobuf, &protobufRank, 2, w)
			case MediaJSON:
				take(&a.json, &jsonRank, 3, w)
			case MediaProtobuf:
				take(&a.protobuf, &protobufRank, 3, w)
			}
		}
	}
	if !said {
		return Accept{json: 1, protobuf: 1}
	}
	return a
}

// Best returns the encoding that the client likes best, JSON when both are equal; ok is false if it can read neither.
func (a Accept) Best() (t Type, ok bool) {
	switch {
	case a.json == 0 && a.protobuf == 0:
		return 0, false
	case a.json >= a.protobuf:
		return JSON, true
	}
	return Protobuf, true
}

// Choose is Best that answers 406 itself when there is none.
func (a Accept) Choose(w http.ResponseWriter) (Type, bool) {
	t, ok := a.Best()
	if !ok {
		Errorf(w, http.StatusNotAcceptable, "Nothing that the Accept header allows can be sent: it must allow %s or %s.", JSON, Protobuf)
	}
	return t, ok
}
