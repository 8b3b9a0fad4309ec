package authentication

import "net/http"

// Transport sends the credential along with each request that says nothing itself of who sends it. A nil credential
// changes nothing.
func (c *Credential) Transport(next http.RoundTripper) http.RoundTripper {
	if c == nil {
		return next
	}
	return signing{*c, next}
}

type signing struct {
	Credential
	next http.RoundTripper
}

func (s signing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("Authorization") == "" {
		r = r.Clone(r.Context()) // the request is its sender's
		r.SetBasicAuth(s.Principal, s.Secret)
	}
	return s.next.RoundTrip(r)
}

// CloseIdleConnections is what http.Client looks for.
func (s signing) CloseIdleConnections() {
	if c, ok := s.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// CredentialOf is what a request came with that a [Realms.Guard] let through, to act for its sender elsewhere in the
// cluster; nil if nobody was asked for.
func CredentialOf(r *http.Request) *Credential {
	if principal, secret, given := r.BasicAuth(); given && Principal(r.Context()) == principal {
		return &Credential{principal, secret}
	}
	return nil
}
