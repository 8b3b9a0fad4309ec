package authentication

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // what the mechanism is; HMAC with it is not broken
	"encoding/hex"
)

// Mechanism is the one way by which processes authenticate: the server sends a challenge, the client answers with its
// principal and a digest of the challenge that only who knows the secret can make (RFC 2195). No secret travels.
const Mechanism = "CRAM-MD5"

// respond answers a challenge.
func (c Credential) respond(challenge []byte) []byte {
	return []byte(c.Principal + " " + hex.EncodeToString(digest(c.Secret, challenge)))
}

func digest(secret string, challenge []byte) []byte {
	h := hmac.New(md5.New, []byte(secret))
	_, _ = h.Write(challenge) // never fails
	return h.Sum(nil)
}

// verify says whose answer that is, if it is right.
func (k Credentials) verify(challenge, response []byte) (principal string, ok bool) {
	end := bytes.LastIndexByte(response, ' ')
	if end < 0 {
		return "", false
	}
	principal = string(response[:end])
	secret, known := k[principal]
	got, err := hex.DecodeString(string(response[end+1:]))
	return principal, err == nil && hmac.Equal(got, digest(secret, challenge)) && known
}
