package fetcher

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSignature is the first example of AWS's documentation of signatures.
func TestSignature(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Range", "bytes=0-9")
	c := S3{AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	c.sign(req, time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
	const want = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := req.Header.Get("Authorization"); !strings.HasSuffix(got, "Signature="+want) {
		t.Errorf("got %q, want the signature %s", got, want)
	}
}

// bucket is a service that checks signatures for itself, from what came over
// the wire, and holds the given objects by path.
func bucket(t *testing.T, key, secret string, objects map[string]string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := verify(r, key, secret); why != "" {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, "<Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message></Error>", why)
			return
		}
		body, ok := objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>")
			return
		}
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// verify computes the signature of a request as a service does: from the
// request's own line and headers, of which it trusts only what is signed.
func verify(r *http.Request, key, secret string) string {
	auth := r.Header.Get("Authorization")
	if secret == "" {
		if auth != "" {
			return "signed without keys"
		}
		return ""
	}
	fields := map[string]string{}
	for _, f := range strings.Split(strings.TrimPrefix(auth, "AWS4-HMAC-SHA256 "), ",") {
		k, v, _ := strings.Cut(f, "=")
		fields[k] = v
	}
	credential := strings.Split(fields["Credential"], "/")
	if len(credential) != 5 || credential[0] != key {
		return "unknown key"
	}
	text := r.Method + "\n" + strings.SplitN(r.RequestURI, "?", 2)[0] + "\n\n"
	for _, h := range strings.Split(fields["SignedHeaders"], ";") {
		v := r.Header.Get(h)
		if h == "host" {
			v = r.Host
		}
		text += h + ":" + v + "\n"
	}
	text += "\n" + fields["SignedHeaders"] + "\n" + r.Header.Get("X-Amz-Content-Sha256")
	sum := sha256.Sum256([]byte(text))
	toSign := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + strings.Join(credential[1:], "/") + "\n" + hex.EncodeToString(sum[:])
	k := []byte("AWS4" + secret)
	for _, part := range append(credential[1:], toSign) {
		h := hmac.New(sha256.New, k)
		h.Write([]byte(part))
		k = h.Sum(nil)
	}
	if hex.EncodeToString(k) != fields["Signature"] {
		return "the signature differs"
	}
	if !strings.Contains(";"+fields["SignedHeaders"]+";", ";host;") {
		return "host is not signed"
	}
	return ""
}

func TestS3(t *testing.T) {
	objects := map[string]string{"/b/dir/file.txt": "one", "/b/odd key+ü%20(1)&=.txt": "two"}
	signed, open := bucket(t, "me", "secret", objects), bucket(t, "", "", objects)
	tests := []struct {
		name, uri, file string
		conf            S3
		word            string // of the error, "" for none
	}{
		{"signed", "s3://b/dir/file.txt", "file.txt", S3{Endpoint: signed, AccessKey: "me", SecretKey: "secret"}, ""},
		{"temporary keys", "s3a://b/dir/file.txt", "file.txt", S3{Endpoint: signed, AccessKey: "me", SecretKey: "secret", Token: "t", Region: "eu-north-1"}, ""},
		{"odd key", "s3n://b/odd key+ü%20(1)&=.txt", "odd key+ü%20(1)&=.txt", S3{Endpoint: signed + "/", AccessKey: "me", SecretKey: "secret"}, ""},
		{"wrong secret", "s3://b/dir/file.txt", "", S3{Endpoint: signed, AccessKey: "me", SecretKey: "guess"}, "SignatureDoesNotMatch"},
		{"unsigned", "s3://b/dir/file.txt", "", S3{Endpoint: signed}, "403"},
		{"anybody", "s3://b/dir/file.txt", "file.txt", S3{Endpoint: open}, ""},
		{"missing", "s3://b/none", "", S3{Endpoint: open}, "NoSuchKey"},
		{"no key", "s3://b", "", S3{Endpoint: open}, "output_file"},
		{"bad endpoint", "s3://b/k", "", S3{Endpoint: "host:9000"}, "endpoint"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sandbox, log, err := fetch(t, Options{S3: &tt.conf}, uri(tt.uri))
			if tt.word != "" {
				if err == nil || !strings.Contains(err.Error(), tt.word) {
					t.Errorf("got %v, want an error that says %q", err, tt.word)
				}
				if strings.Contains(log, "guess") {
					t.Errorf("got log %q, want no secret in it", log)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(sandbox, tt.file)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestS3AtAWS(t *testing.T) {
	for uri, want := range map[string]string{
		"s3://b/k/x":     "https://b.s3.us-east-1.amazonaws.com/k/x",
		"s3://a.b/k/ x":  "https://s3.us-east-1.amazonaws.com/a.b/k/%20x",
		"s3://b/k?a=b#c": "https://b.s3.us-east-1.amazonaws.com/k%3Fa%3Db%23c",
	} {
		got, err := (&s3{}).url(uri)
		if err != nil || got.String() != want {
			t.Errorf("%s: got %v, %v, want %s", uri, got, err, want)
		}
	}
	if _, err := (&s3{}).url("s3:///k"); !errors.Is(err, ErrURI) {
		t.Errorf("got %v, want ErrURI", err)
	}
}
