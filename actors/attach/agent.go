// Package attach connects a terminal, or pipes, to containers on an agent.
//
// `mesos exec`, `mesos attach` and the terminals of the web pages use it. It speaks the container calls of the
// agent's operator API; it knows no masters and no tasks.
package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	"mesos/actors/secure"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/recordio"
)

// Agent is an agent's operator API. Make it with New.
type Agent struct {
	url  string
	http *http.Client
}

// New makes a client of the agent at addr, a host:port, for whoever has the credential; nil: for nobody in particular. by is
// how programs of the cluster speak.
func New(addr string, as *authentication.Credential, by *secure.TLS) *Agent {
	t := by.Transport(&http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext})
	return &Agent{url: by.Scheme() + "://" + addr + "/api/v1", http: &http.Client{Transport: as.Transport(t)}}
}

// Close gives up idle connections.
func (a *Agent) Close() { a.http.CloseIdleConnections() }

// RefusedError is an agent's refusal, in its own words.
type RefusedError struct {
	Code int
	Text string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the agent refused (HTTP %d): %s", e.Code, e.Text)
}

// maxRecord bounds one piece of output, in bytes.
const maxRecord = 4 << 20

func (a *Agent) post(ctx context.Context, body io.Reader, headers map[string]string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, body)
	if err != nil {
		return nil, fmt.Errorf("request to %s: %w", a.url, err)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return nil, Unreachable(err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil || len(text) == 0 {
		text = []byte(resp.Status)
	}
	return nil, &RefusedError{resp.StatusCode, strings.TrimSpace(string(text))}
}

// call sends a call whose request is one message.
func (a *Agent) call(ctx context.Context, c *agentv1.Call) (*http.Response, error) {
	body, err := httpapi.Marshal(httpapi.Protobuf, c)
	if err != nil {
		return nil, err
	}
	return a.post(ctx, bytes.NewReader(body), map[string]string{"Content-Type": httpapi.MediaProtobuf, "Accept": httpapi.MediaProtobuf})
}

// Wait waits for the end of a nested container and forgets it. The status is as
// wait(2) gives it; known is false if nobody knows it.
func (a *Agent) Wait(ctx context.Context, id *v1.ContainerID) (status int, known bool, err error) {
	resp, err := a.call(ctx, &agentv1.Call{Type: agentv1.Call_WAIT_CONTAINER.Enum(), WaitContainer: &agentv1.Call_WaitContainer{ContainerId: id}})
	if err != nil {
		return 0, false, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, false, err
	}
	r := &agentv1.Response{}
	if err := httpapi.Unmarshal(httpapi.Protobuf, b, r); err != nil {
		return 0, false, fmt.Errorf("answer of the agent: %w", err)
	}
	removed, err := a.call(ctx, &agentv1.Call{Type: agentv1.Call_REMOVE_CONTAINER.Enum(), RemoveContainer: &agentv1.Call_RemoveContainer{ContainerId: id}})
	if err == nil {
		removed.Body.Close()
	}
	s := r.GetWaitContainer().ExitStatus
	if s == nil {
		return 0, false, nil
	}
	return int(*s), true, nil
}

// copyOutput copies a stream of records until its end.
func copyOutput(from io.Reader, stdout, stderr io.Writer) error {
	records := recordio.NewReader(from, maxRecord)
	for {
		b, err := records.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("output of the container: %w", err)
		}
		p := &agentv1.ProcessIO{}
		if err := httpapi.Unmarshal(httpapi.Protobuf, b, p); err != nil {
			return fmt.Errorf("output of the container: %w", err)
		}
		to := stdout
		if p.GetData().GetType() == agentv1.ProcessIO_Data_STDERR {
			to = stderr
		}
		if _, err := to.Write(p.GetData().GetData()); err != nil {
			return fmt.Errorf("output of the container: %w", err)
		}
	}
}
