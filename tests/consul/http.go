package consul

import (
	"io"
	"net/http"
	"time"
)

// client follows no redirects: tests look at them.
var client = &http.Client{
	Timeout:       3 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// get is the body of an answer 200, "" otherwise.
func get(url string) string {
	code, _, body := fetch(url)
	if code != http.StatusOK {
		return ""
	}
	return body
}

// fetch is an answer: code 0 if there was none.
func fetch(url string) (code int, location, body string) {
	r, err := client.Get(url)
	if err != nil {
		return 0, "", ""
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, "", ""
	}
	return r.StatusCode, r.Header.Get("Location"), string(text)
}
