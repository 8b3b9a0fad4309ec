package job

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Number is a number that may be written as a string.
type Number float64

// UnmarshalJSON reads a number, a string that holds one, or null.
func (n *Number) UnmarshalJSON(data []byte) error {
	text := unquoted(data)
	if text == "null" || text == "" {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= -1e15 && f <= 1e15) {
		return fmt.Errorf("%s is no number", data)
	}
	*n = Number(f)
	return nil
}

// Bool is a switch that may be written as a string.
type Bool bool

// UnmarshalJSON reads true, false, the same as strings, or null.
func (b *Bool) UnmarshalJSON(data []byte) error {
	switch unquoted(data) {
	case "true":
		*b = true
	case "false", "":
		*b = false
	case "null":
	default:
		return fmt.Errorf("%s is neither true nor false", data)
	}
	return nil
}

// Text is a string that may be written as a number or a switch.
type Text string

// UnmarshalJSON reads a string, a number, a switch, or null.
func (t *Text) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) || bytes.HasPrefix(data, []byte("[")) {
		return fmt.Errorf("%.20s is no text", data)
	}
	if text := unquoted(data); text != "null" || data[0] == '"' {
		*t = Text(text)
	}
	return nil
}

// unquoted is what stands in a JSON string, or the data as it is.
func unquoted(data []byte) string {
	var text string
	if json.Unmarshal(data, &text) == nil && len(data) > 0 && data[0] == '"' {
		return text
	}
	return string(data)
}
