package units

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	tests := []struct {
		text string
		want time.Duration
	}{
		{"0ns", 0},
		{"15secs", 15 * time.Second},
		{"1mins", time.Minute},
		{"10mins", 10 * time.Minute},
		{"2.5mins", 150 * time.Second},
		{".5hrs", 30 * time.Minute},
		{"1.secs", time.Second},
		{"500ms", 500 * time.Millisecond},
		{"7us", 7 * time.Microsecond},
		{"6hrs", 6 * time.Hour},
		{"3days", 72 * time.Hour},
		{"2weeks", 14 * 24 * time.Hour},
		{"9223372036854775807ns", math.MaxInt64},
		{"0.4ns", 0},
	}
	for _, tt := range tests {
		got, err := ParseDuration(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("ParseDuration(%q): got %v, %v, want %v", tt.text, got, err, tt.want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	for _, text := range []string{"", "5", "5s", "secs", ".secs", "-5secs", "+5secs", " 5secs", "5 secs", "5secs ", "1.2.3secs",
		"1e3secs", "9223372036854775808ns", "99999999999weeks", "15250.2844524717weeks", "Infinitysecs", "5secs5ms", "٣secs"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q): got %v, want an error", text, got)
		} else if !strings.Contains(err.Error(), "duration") {
			t.Errorf("ParseDuration(%q): error %q does not name what it reads", text, err)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	tests := []struct {
		d    time.Duration
		want string
	}{
		{0, "0ns"},
		{1500 * time.Millisecond, "1500ms"},
		{90 * time.Second, "90secs"},
		{2 * time.Minute, "2mins"},
		{10 * 24 * time.Hour, "10days"},
		{14 * 24 * time.Hour, "2weeks"},
		{24*time.Hour + 1, "86400000000001ns"},
		{-2 * time.Second, "-2secs"},
	}
	for _, tt := range tests {
		if got := FormatDuration(tt.d); got != tt.want {
			t.Errorf("FormatDuration(%d): got %q, want %q", tt.d, got, tt.want)
		}
	}
}

func TestBytes(t *testing.T) {
	tests := []struct {
		text string
		want Bytes
		back string
	}{
		{"0B", 0, "0B"},
		{"4096B", 4096, "4KB"},
		{"4097B", 4097, "4097B"},
		{"2GB", 2 * Gigabyte, "2GB"},
		{"1024MB", Gigabyte, "1GB"},
		{"3TB", 3 * Terabyte, "3TB"},
	}
	for _, tt := range tests {
		got, err := ParseBytes(tt.text)
		if err != nil || got != tt.want || got.String() != tt.back {
			t.Errorf("ParseBytes(%q): got %d (%s), %v, want %d (%s)", tt.text, got, got, err, tt.want, tt.back)
		}
	}
	for _, text := range []string{"", "5", "GB", "2gb", "2.5GB", "-1B", "2 GB", "8388608TB", "99999999999999999999B"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("ParseBytes(%q): got %v, want an error", text, got)
		}
	}
}

func TestShares(t *testing.T) {
	for text, want := range map[string]float64{"0%": 0, "40%": 0.4, "2.5%": 0.025, "100%": 1} {
		if got, err := ParsePercent(text); err != nil || got != want {
			t.Errorf("ParsePercent(%q): got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "%", "40", "101%", "-1%", "4 %", "NaN%"} {
		if got, err := ParsePercent(text); err == nil {
			t.Errorf("ParsePercent(%q): got %v, want an error", text, got)
		}
	}
	want := Rate{Events: 1, Per: 20 * time.Minute}
	if got, err := ParseRate("1/20mins"); err != nil || got != want || got.String() != "1/20mins" {
		t.Errorf("ParseRate: got %v, %v, want %v", got, err, want)
	}
	for _, text := range []string{"", "1", "0/1secs", "-1/1secs", "1/0ns", "1/1s", "a/1secs", "1/1secs/2"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q): got %v, want an error", text, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"15secs", "2.5mins", "0ns", "1weeks", ".ms", "9999999999999999999ns"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("ParseDuration(%q): got negative %d", text, d)
		}
		if back, err := ParseDuration(FormatDuration(d)); err != nil || back != d {
			t.Fatalf("%q: got %d through %q, %v, want %d", text, back, FormatDuration(d), err, d)
		}
	})
}

func FuzzParseBytes(f *testing.F) {
	for _, s := range []string{"2GB", "4096B", "0B", "7TB", "1.5MB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBytes(text)
		if err != nil {
			return
		}
		if back, err := ParseBytes(b.String()); b < 0 || err != nil || back != b {
			t.Fatalf("%q: got %d through %q, %v, want %d", text, back, b, err, b)
		}
	})
}

func FuzzParseShares(f *testing.F) {
	f.Add("40%")
	f.Add("1/20mins")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := ParsePercent(text); err == nil && !(v >= 0 && v <= 1) {
			t.Fatalf("ParsePercent(%q): got %v, want 0 to 1", text, v)
		}
		if r, err := ParseRate(text); err == nil {
			if back, err := ParseRate(r.String()); err != nil || back != r {
				t.Fatalf("%q: got %v through %q, %v, want %v", text, back, r, err, r)
			}
		}
	})
}
