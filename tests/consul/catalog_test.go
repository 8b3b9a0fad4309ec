package consul

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"mesos/registry"
	"mesos/registry/catalog"
	"mesos/registry/consul"
)

const registrarRights = `key_prefix "mesos/services/" { policy = "write" } service_prefix "" { policy = "write" } session_prefix "" { policy = "write" }
node_prefix "" { policy = "read" } agent_prefix "" { policy = "read" } node_prefix "mesos-" { policy = "write" }`

// catalogAt leads as the one that writes an owner's entries.
func catalogAt(t *testing.T, url, owner string, log *slog.Logger) catalog.Catalog {
	t.Helper()
	conf := config(t, url)
	conf.Path, conf.Service = conf.Path+"/services", "mesos-consul"
	c, err := consul.NewContender(conf, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	k, err := c.ContendCatalog(ctx, info("r"), owner)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The catalog keeps what it is given, whole, for its owner alone, and a deposed writer writes nothing. All of it with the rights that
// the command line names, on a Consul that gives no others.
func TestCatalog(t *testing.T) {
	s := startSecure(t)
	url := fmt.Sprintf("consul://%s/mesos?datacenter=east&ca_file=%s&cert_file=%s&key_file=%s&token_file=%s", s.addr, s.caFile, s.certFile, s.keyFile, s.token("registrars", registrarRights))
	k := catalogAt(t, url, "one", quiet)
	entry := func(n int) catalog.Entry {
		return catalog.Entry{
			Node: "mesos-S1", NodeAddr: "192.0.2.1", ID: fmt.Sprint("mesos.f.t", n), Service: "web", Addr: "192.0.2.7", Port: 8000 + n,
			Tags: []string{"a", "traefik.enable=true"}, Meta: map[string]string{"team": "x"}, Healthy: n%2 == 0, Output: "why",
		}
	}
	read := func(k catalog.Catalog, want ...catalog.Entry) {
		t.Helper()
		h, err := k.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range want {
			if !h.Entries[e.Key()].Equal(e) {
				t.Errorf("got %+v, want %+v", h.Entries[e.Key()], e)
			}
		}
		if len(h.Entries) != len(want) {
			t.Errorf("got %d entries, want %d", len(h.Entries), len(want))
		}
	}
	write := func(k catalog.Catalog, c catalog.Change) {
		t.Helper()
		if err := k.Write(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	read(k)
	var most catalog.Change
	for n := range k.Limit() {
		e := entry(n)
		e.Node = fmt.Sprint("mesos-S", n)
		most.Put = append(most.Put, e)
	}
	write(k, most)
	read(k, most.Put...)
	write(k, catalog.Change{Remove: most.Put})
	var empty catalog.Change
	for _, e := range most.Put {
		empty.Nodes = append(empty.Nodes, e.Node)
	}
	write(k, empty)
	write(k, catalog.Change{Put: []catalog.Entry{entry(1), entry(2)}})
	changed := entry(1)
	changed.Healthy, changed.Tags = true, []string{"b"}
	write(k, catalog.Change{Put: []catalog.Entry{changed}, Remove: []catalog.Entry{entry(2)}})
	read(k, changed)

	wrong := entry(3)
	wrong.Meta = map[string]string{"not a name": "x"}
	if err := k.Write(t.Context(), catalog.Change{Put: []catalog.Entry{wrong}}); !errors.Is(err, catalog.ErrRefused) {
		t.Errorf("an entry that Consul does not take: got %v, want ErrRefused", err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if err := k.Write(t.Context(), catalog.Change{Put: []catalog.Entry{entry(5)}}); !errors.Is(err, registry.ErrClosed) {
		t.Errorf("after Close: got %v, want ErrClosed", err)
	}
	other := catalogAt(t, url, "two", quiet)
	read(other)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	next := catalogAt(t, url, "one", quiet)
	defer next.Close()
	read(next, changed)
}

// A registrar without the rights for services says which it lacks.
func TestCatalogWithoutRights(t *testing.T) {
	s := startSecure(t)
	rights := strings.ReplaceAll(registrarRights, `node_prefix "mesos-" { policy = "write" }`, "")
	url := fmt.Sprintf("consul://%s/mesos?datacenter=east&ca_file=%s&cert_file=%s&key_file=%s&token_file=%s", s.addr, s.caFile, s.certFile, s.keyFile, s.token("half", rights))
	k := catalogAt(t, url, "one", quiet)
	defer k.Close()
	if _, err := k.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := k.Write(ctx, catalog.Change{Put: []catalog.Entry{{Node: "mesos-S1", NodeAddr: "192.0.2.1", ID: "x", Service: "web", Addr: "192.0.2.1", Port: 1}}})
	if err == nil || !strings.Contains(err.Error(), "ermission denied") {
		t.Errorf("got %v, want that the permission is denied", err)
	}
}
