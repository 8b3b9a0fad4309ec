package hosts

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// patience is how long tests wait for what must happen; it measures nothing.
const patience = 3 * time.Minute

// eventually waits until why gives "", and fails with its last word.
func eventually(t testing.TB, what string, why func() string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		w := why()
		if w == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s: %s", what, w)
		}
	}
}

// client follows no redirects: only who leads answers. A host that is stopped holds
// up nobody for long.
var client = &http.Client{
	Timeout:       time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	// Connections to what was killed and started again are of no use.
	Transport: &http.Transport{DisableKeepAlives: true},
}

// getJSON reads an answer 200.
func getJSON(url string, into any) error {
	r, err := client.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	switch {
	case err != nil:
		return err
	case r.StatusCode != http.StatusOK:
		return fmt.Errorf("GET %s: got %s, want 200: %.200s", url, r.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("GET %s: %w", url, err)
	}
	return nil
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Millisecond) }
