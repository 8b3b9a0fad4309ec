package discovery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	"mesos/actors/secure"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/recordio"
)

const (
	retry     = time.Second
	maxRecord = 1 << 30 // the snapshot of a big cluster is one record
	// Heartbeats come every 15 seconds; a master from which nothing has come for three of them is looked for again.
	silence = 45 * time.Second
)

var errSilent = fmt.Errorf("nothing came for %v, not even a heartbeat", silence)

// Watch keeps b in step with the cluster until ctx ends. leader says where the leading master listens, as host:port. While none
// can be reached b stays as it is: tasks run on without a master. Masters that ask for a credential are sent as; nil: there is none. by is how
// programs of the cluster speak.
func Watch(ctx context.Context, b Book, leader func(context.Context) (addr string, err error), as *authentication.Credential, by *secure.TLS, log *slog.Logger) {
	client := &http.Client{Transport: as.Transport(by.Transport(&http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}))}
	defer client.CloseIdleConnections()
	c, last := NewCluster(b), ""
	for {
		err := session(ctx, client, by.Scheme(), c, leader, func(addr string, agents, tasks int) {
			log.Info("watching the cluster", "master", addr, "agents", agents, "tasks", tasks)
			last = ""
		})
		if ctx.Err() != nil {
			return
		}
		// What has been said is not said again every second.
		if err.Error() != last {
			log.Warn("the master's events cannot be read; answers stay as they are", "error", err)
			last = err.Error()
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
			return
		}
	}
}

// session is one subscription, from finding the leader until the stream breaks.
func session(ctx context.Context, client *http.Client, scheme string, c *Cluster, leader func(context.Context) (string, error), began func(addr string, agents, tasks int)) error {
	addr, err := leader(ctx)
	if err != nil {
		return err
	}
	at, err := resolve(ctx, addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alarm := time.AfterFunc(silence, func() { cancel(errSilent) })
	defer alarm.Stop()

	body, err := subscribe(ctx, client, scheme, addr)
	if err != nil {
		return because(ctx, err)
	}
	defer func() { _ = body.Close() }()
	for records := recordio.NewReader(body, maxRecord); ; {
		data, err := records.Read()
		if err != nil {
			return because(ctx, fmt.Errorf("event stream of %s: %w", addr, err))
		}
		alarm.Reset(silence)
		var e masterv1.Event
		if err := proto.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("event stream of %s: event: %w", addr, err)
		}
		if e.GetType() == masterv1.Event_SUBSCRIBED {
			c.Subscribed(e.GetSubscribed().GetGetState(), at)
			began(addr, len(c.agents), len(c.tasks))
			continue
		}
		c.Apply(&e)
	}
}

// because prefers the reason for which ctx was ended to what its end has caused.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(cause, errSilent) {
		return cause
	}
	return err
}

func subscribe(ctx context.Context, client *http.Client, scheme, addr string) (io.ReadCloser, error) {
	call, err := proto.Marshal(&masterv1.Call{Type: masterv1.Call_SUBSCRIBE.Enum()})
	if err != nil {
		return nil, fmt.Errorf("subscription: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, scheme+"://"+addr+"/api/v1", bytes.NewReader(call))
	if err != nil {
		return nil, fmt.Errorf("subscription at %s: %w", addr, err)
	}
	req.Header.Set("Content-Type", httpapi.Protobuf.String())
	req.Header.Set("Accept", httpapi.Protobuf.String())
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("subscription at %s: %w", addr, err)
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		_ = resp.Body.Close()
		return nil, fmt.Errorf("subscription at %s: %s: %s", addr, resp.Status, bytes.TrimSpace(text))
	}
	return resp.Body, nil
}

// resolve finds the address of a host:port.
func resolve(ctx context.Context, addr string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address of the master: %w", err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address of the master: %w", err)
	}
	return netip.ParseAddrPort(net.JoinHostPort(ips[0].Unmap().String(), port))
}
