package authentication

import "testing"

// The example of RFC 2195.
func TestRespond(t *testing.T) {
	challenge := []byte("<1896.697170952@postoffice.reston.mci.net>")
	tim := Credential{"tim", "tanstaaftanstaaf"}
	if got, want := string(tim.respond(challenge)), "tim b913a602c7eda7a495b4e6e7334d3890"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestVerify(t *testing.T) {
	challenge := []byte("<1@m>")
	known := Credentials{"tim": "x", "a b": "y", "empty": ""}
	for _, c := range []struct {
		response  string
		principal string
		ok        bool
	}{
		{string(Credential{"tim", "x"}.respond(challenge)), "tim", true},
		{string(Credential{"a b", "y"}.respond(challenge)), "a b", true},
		{string(Credential{"tim", "y"}.respond(challenge)), "tim", false},
		{string(Credential{"tim", "x"}.respond([]byte("<2@m>"))), "tim", false},
		{string(Credential{"eve", ""}.respond(challenge)), "eve", false},
		{"tim x", "tim", false},
		{"tim ", "tim", false},
		{"tim", "", false},
		{"", "", false},
	} {
		if principal, ok := known.verify(challenge, []byte(c.response)); principal != c.principal || ok != c.ok {
			t.Errorf("%q: got %q, %v, want %q, %v", c.response, principal, ok, c.principal, c.ok)
		}
	}
}
