package job

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"mesos/actors/authentication"
	"mesos/actors/secure"
)

// TaskFile is one file in the sandbox of a task.
type TaskFile struct {
	Agent                   string // host:port
	FrameworkID, ExecutorID string
	TaskID                  string
	Name                    string // stdout, say

	Credential *authentication.Credential // for the agent; nil: there is none
	TLS        *secure.TLS                // how programs of the cluster speak; nil: without TLS
}

// CopyTaskFile copies a file, and what is added to it until ended is closed. A task that runs with others in one
// executor has a sandbox of its own within the executor's.
func CopyTaskFile(ctx context.Context, f TaskFile, to io.Writer, ended <-chan struct{}) error {
	h := &http.Client{Transport: f.Credential.Transport(f.TLS.Transport(&http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}))}
	defer h.CloseIdleConnections()
	sandbox := "/frameworks/" + f.FrameworkID + "/executors/" + f.ExecutorID + "/runs/latest"
	own := &follower{http: h, to: to, must: true, url: f.TLS.Scheme() + "://" + f.Agent + "/files/download?path=" + url.QueryEscape(sandbox+"/tasks/"+f.TaskID+"/"+f.Name)}
	if err := own.fetch(ctx); !errors.Is(err, errNoFile) {
		return own.run(ctx, ended)
	}
	shared := &follower{http: h, to: to, must: true, url: f.TLS.Scheme() + "://" + f.Agent + "/files/download?path=" + url.QueryEscape(sandbox+"/"+f.Name)}
	return shared.run(ctx, ended)
}
