package fetcher

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mesos/actors/containerizer/launch"
)

// S3 says how s3://bucket/key is asked for.
type S3 struct {
	// Endpoint is the URL of the service, like https://minio.example:9000;
	// buckets are the first part of its paths. "" means AWS.
	Endpoint string
	Region   string // "" means us-east-1
	// AccessKey and SecretKey sign requests; "" asks as anybody. Token goes
	// with keys that hold for a time only.
	AccessKey, SecretKey, Token string
}

// s3 is the Source of s3://. Keys are taken as written: nothing in them is
// unescaped.
type s3 struct {
	conf   S3
	client *http.Client
	now    func() time.Time
}

// Open implements Source.
func (s *s3) Open(ctx context.Context, uri string, _ *launch.Account) (io.ReadCloser, error) {
	u, err := s.url(uri)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrURI, err)
	}
	req.URL = u // as it is signed: no other way of escaping
	if s.conf.AccessKey != "" {
		s.conf.sign(req, s.now())
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, fmt.Errorf("the server answered %s%s", resp.Status, s3Reason(resp.Body))
	}
	return sized{resp.Body, resp.ContentLength}, nil
}

// s3Reason reads what an answer that is an error says in its body.
func s3Reason(body io.Reader) string {
	var e struct{ Code, Message string }
	const enough = 64 << 10
	if xml.NewDecoder(io.LimitReader(body, enough)).Decode(&e) != nil || e.Code == "" {
		return ""
	}
	return fmt.Sprintf(" (%s: %s)", e.Code, e.Message)
}

// url is where an object is.
func (s *s3) url(uri string) (*url.URL, error) {
	_, rest, _ := strings.Cut(uri, "://")
	bucket, key, _ := strings.Cut(rest, "/")
	if bucket == "" || key == "" {
		return nil, fmt.Errorf("%w: want s3://bucket/key", ErrURI)
	}
	base := s.conf.Endpoint
	switch {
	case base != "":
		key = bucket + "/" + key
	case strings.Contains(bucket, "."): // no certificate fits such a host
		base, key = "https://s3."+s.conf.region()+".amazonaws.com", bucket+"/"+key
	default:
		base = "https://" + bucket + ".s3." + s.conf.region() + ".amazonaws.com"
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the agent's S3 endpoint %q is not a URL like https://host:port", base)
	}
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + key
	u.RawPath = escapePath(u.Path)
	return u, nil
}

func (c S3) region() string {
	if c.Region == "" {
		return "us-east-1"
	}
	return c.Region
}
