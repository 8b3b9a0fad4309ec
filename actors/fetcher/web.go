package fetcher

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"mesos/actors/containerizer/launch"
)

// web is the Source of http and https.
type web struct {
	transport *http.Transport
	client    *http.Client
}

func newWeb() *web {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DisableCompression = true // an archive must arrive as it lies there
	return &web{transport: t, client: &http.Client{Transport: t}}
}

func (w *web) close() { w.transport.CloseIdleConnections() }

// Open follows redirects; any answer but 200 is an error.
func (w *web) Open(ctx context.Context, uri string, _ *launch.Account) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrURI, err)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	return sized{resp.Body, resp.ContentLength}, nil
}
