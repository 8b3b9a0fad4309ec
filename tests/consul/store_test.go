package consul

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
	"mesos/registry/consul"
	"mesos/registry/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

func config(t testing.TB, url string) consul.Config {
	t.Helper()
	c, err := consul.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func contender(t testing.TB, url string) *consul.Contender {
	t.Helper()
	c, err := consul.NewContender(config(t, url), quiet)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func info(id string) *v1.MasterInfo {
	return &v1.MasterInfo{
		Id: proto.String(id), Ip: proto.Uint32(0), Port: proto.Uint32(5050), Pid: proto.String("master@127.0.0.1:5050"), Hostname: proto.String("h"),
		Address: &v1.Address{Hostname: proto.String("h"), Ip: proto.String("127.0.0.1"), Port: proto.Int32(5050)},
	}
}

func lead(t testing.TB, c *consul.Contender, id string) registry.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := c.Contend(ctx, info(id))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The store passes the suite of all stores, on three servers.
func TestStore(t *testing.T) {
	s := startServers(t, 3)
	n := 0
	storetest.Run(t, func(t *testing.T) storetest.Open {
		n++
		c := contender(t, s.URL+fmt.Sprint(n)) // begins empty
		return func(t *testing.T) registry.Store { return lead(t, c, "m") }
	})
}

// A session that another program ends deposes its master, which then writes nothing.
func TestDeposed(t *testing.T) {
	s := startServers(t, 3)
	first := lead(t, contender(t, s.URL), "first")
	defer first.Close()
	load(t, first)
	row := registry.Row{Table: "weights", Key: "a/b", Value: []byte{}}
	if err := first.Write(t.Context(), []registry.Row{row}); err != nil {
		t.Fatal(err)
	}
	s.destroySessions()
	// Asked at once, it is Consul that refuses; later the master knows.
	row.Key = "late"
	if err := first.Write(t.Context(), []registry.Row{row}); !errors.Is(err, registry.ErrDeposed) {
		t.Errorf("a write without a session: got %v, want ErrDeposed", err)
	}
	select {
	case <-first.Lost():
	case <-time.After(patience):
		t.Error("the store does not say that it is lost")
	}
	second := lead(t, contender(t, s.URL), "second")
	defer second.Close()
	if got := load(t, second); len(got) != 1 || got["weights/a/b"] != "" {
		t.Errorf("the next master reads %q, want the row of the first alone", got)
	}
}

func load(t *testing.T, s registry.Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := s.Load(t.Context(), func(r registry.Row) error {
		out[r.Table+"/"+r.Key] = string(r.Value)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}
