package consul

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/hashicorp/consul/api"
)

// explain says what an error of Consul, or on the way to it, means for the one who
// wrote the URL.
func (c Config) explain(addr string, err error) error {
	hint := c.hint(err)
	if hint != "" {
		hint = ": " + hint
	}
	return fmt.Errorf("request to Consul at %s: %w%s", addr, err, hint)
}

func (c Config) hint(err error) string {
	var status api.StatusError
	if errors.As(err, &status) {
		return c.refusal(status)
	}
	var stranger x509.UnknownAuthorityError
	var name x509.HostnameError
	var verify *tls.CertificateVerificationError
	text := err.Error()
	switch {
	case errors.As(err, &stranger) && c.CAFile == "":
		return "its certificate is of an authority that this machine does not know: name the authority's by ca_file="
	case errors.As(err, &stranger):
		return fmt.Sprintf("its certificate is not of the authority of ca_file=%s", c.CAFile)
	case errors.As(err, &name):
		return "its certificate is for other names: write one of those in the URL"
	case errors.As(err, &verify):
		return "its certificate is not accepted"
	case c.TLS && strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS on this port: take the port of its HTTPS, or leave tls=, ca_file=, cert_file= and key_file= away"
	case strings.Contains(text, "tls: certificate required"), strings.Contains(text, "tls: bad certificate"), strings.Contains(text, "tls: unknown certificate authority"):
		if c.CertFile == "" {
			return "it wants a certificate of its clients: name one by cert_file= and key_file="
		}
		return fmt.Sprintf("it does not accept the certificate of cert_file=%s", c.CertFile)
	}
	return ""
}

// refusal is what an answer means that is none.
func (c Config) refusal(status api.StatusError) string {
	switch {
	case status.Code == http.StatusForbidden && strings.Contains(status.Body, "ACL not found"):
		return "the token is not known to Consul: token_file= names a file that holds one"
	case status.Code == http.StatusForbidden && c.Token == "" && os.Getenv(api.HTTPTokenEnvName) == "" && os.Getenv(api.HTTPTokenFileEnvName) == "":
		return "it wants a token: token_file= names a file that holds one"
	case status.Code == http.StatusForbidden:
		return fmt.Sprintf("the token lacks a right. Who stands for election needs key_prefix %q, service %q and session_prefix \"\" with write, "+
			"node_prefix \"\" and agent_prefix \"\" with read%s; who looks for the leader needs key %q with read", c.Path+"/", c.Service, c.Rights, c.Path+"/leader")
	case status.Code == http.StatusBadRequest && !c.TLS && strings.Contains(status.Body, "HTTP request to an HTTPS server"):
		return "it speaks TLS on this port: write tls=true, or ca_file= if its authority is not known to this machine"
	case strings.Contains(status.Body, "No path to datacenter"):
		return fmt.Sprintf("it knows no datacenter %q: correct datacenter=", c.Datacenter)
	}
	return ""
}
