package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mesos/isolators"
)

// describe adds a file about a network, as an operator does.
func describe(t testing.TB, o Options, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(o.Configs, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// bridged describes a network that the standard plugins make.
func bridged(t testing.TB, name, bridge, subnet string) string {
	return fmt.Sprintf(`{"cniVersion": "0.4.0", "name": %q, "type": "bridge", "bridge": %q, "isGateway": true, "ipMasq": false,
		"ipam": {"type": "host-local", "dataDir": %q, "subnet": %q, "routes": [{"dst": "0.0.0.0/0"}]},
		"dns": {"nameservers": ["192.0.2.53"], "search": ["example.com"]}}`, name, bridge, t.TempDir(), subnet)
}

func needPlugins(t testing.TB, names ...string) {
	t.Helper()
	need(t)
	for _, n := range names {
		if _, err := os.Stat(filepath.Join(pluginDir, n)); err != nil {
			t.Skipf("plugins of the package containernetworking-plugins are needed: %v", err)
		}
	}
}

// TestPlugins puts containers in networks of the standard plugins, one in two of them,
// one of which is added while the agent runs.
func TestPlugins(t *testing.T) {
	needPlugins(t, "bridge", "host-local")
	o := options(t)
	leavesNothing(t, o)
	describe(t, o, "10-one.conf", bridged(t, "one", "cni0", "10.78.0.0/24"))
	i := opened(t, o, Names())
	a := begin(t, i, asking("a", named("one")))
	describe(t, o, "20-two.conflist", `{"cniVersion": "0.4.0", "name": "two", "plugins": [`+bridged(t, "two", "cni9", "10.79.0.0/24")+`]}`)
	b := begin(t, i, asking("b", named("two"), named("one"), named("mesos0")))
	if got, want := addresses(i, "b"), []string{"10.79.0.2", "10.78.0.3", "10.77.0.2"}; !slices.Equal(got, want) {
		t.Errorf("addresses: got %v, want %v", got, want)
	}
	serve(t, b, 80, "b")
	if got := ask(t, a, "10.78.0.3:80"); got != "b" {
		t.Errorf("from one to the other: got %q, want b", got)
	}
	resolv, err := os.ReadFile(filepath.Join(i.dir("a"), resolvFile))
	if want := "search example.com\nnameserver 192.0.2.53\n"; err != nil || string(resolv) != want {
		t.Errorf("resolv.conf: got %q, %v, want %q", resolv, err, want)
	}
}

// TestPluginsMapPorts has portmap lead ports of the machine to a container, whether
// the network is described with it or not, or as Mesos does.
func TestPluginsMapPorts(t *testing.T) {
	needPlugins(t, "bridge", "host-local", "portmap")
	o := options(t)
	leavesNothing(t, o)
	plain := bridged(t, "plain", "cni0", "10.78.0.0/24")
	old := strings.Replace(bridged(t, "old", "cni1", "10.78.1.0/24"), `"cniVersion": "0.4.0", `, "", 1)
	describe(t, o, "plain", plain)
	describe(t, o, "old", old)
	describe(t, o, "list", `{"cniVersion": "1.0.0", "name": "list", "plugins": [`+bridged(t, "list", "cni2", "10.78.2.0/24")+
		`, {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}}]}`)
	describe(t, o, "mesos", `{"cniVersion": "0.3.0", "name": "mesos", "type": "mesos-cni-port-mapper", "excludeDevices": ["cni3"], "chain": "MESOS",
		"delegate": `+strings.Replace(bridged(t, "", "cni3", "10.78.3.0/24"), `"name": "", `, "", 1)+`}`)
	i := opened(t, o, []string{CNI})
	for n, network := range []string{"plain", "old", "list", "mesos"} {
		t.Run(network, func(t *testing.T) {
			port := uint32(31001 + n)
			l := begin(t, i, asking(network, named(network, mapped(port, 80))))
			serve(t, l, 80, network)
			if got := ask(t, nil, fmt.Sprint("127.0.0.1:", port)); got != network {
				t.Errorf("got %q, want %q", got, network)
			}
		})
	}
}

// recording is a directory with a plugin that writes down how it is called. It gives
// an address, unless a file "fails-"COMMAND is there.
func recording(t testing.TB) (dir string) {
	t.Helper()
	dir = t.TempDir()
	script := `#!/bin/sh
cd "$(dirname "$0")"
[ $CNI_COMMAND = VERSION ] && { echo '{"cniVersion": "0.4.0", "supportedVersions": ["0.4.0"]}'; exit; }
cat > "$CNI_COMMAND-$CNI_CONTAINERID-$CNI_IFNAME"
if [ -e "fails-$CNI_COMMAND" ]; then
  echo '{"cniVersion": "0.4.0", "code": 999, "msg": "no more cables", "details": "bin 7"}'
  exit 1
fi
[ $CNI_COMMAND = ADD ] && echo '{"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.9.9.9/24"}, {"version": "6", "address": "fd00::9/64"}]}'
exit 0
`
	if err := os.WriteFile(filepath.Join(dir, "recorder"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

const recorded = `{"cniVersion": "0.4.0", "name": "rec", "type": "recorder", "args": {"mine": 1}}`

// TestPluginsAreTold looks at what plugins are told of a container, and what comes
// of their answers.
func TestPluginsAreTold(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	o.Plugins = recording(t)
	describe(t, o, "rec", recorded)
	i := opened(t, o, []string{CNI})
	begin(t, i, asking("a.b", named("rec")))
	if got, want := addresses(i, "a.b"), []string{"10.9.9.9", "fd00::9"}; !slices.Equal(got, want) {
		t.Errorf("addresses: got %v, want %v", got, want)
	}
	if p := i.Networks("a.b")[0].GetIpAddresses()[1].GetProtocol().String(); p != "IPv6" {
		t.Errorf("protocol of the second address: got %s, want IPv6", p)
	}
	var told struct {
		Name string
		Args struct {
			Mine  int
			Mesos struct {
				Info struct{ Name string } `json:"network_info"`
			} `json:"org.apache.mesos"`
		}
	}
	text, err := os.ReadFile(filepath.Join(o.Plugins, "ADD-a.b-eth0"))
	if err == nil {
		err = json.Unmarshal(text, &told)
	}
	if err != nil || told.Name != "rec" || told.Args.Mine != 1 || told.Args.Mesos.Info.Name != "rec" {
		t.Errorf("got %s, %v, want the name, its own args and the NetworkInfo", text, err)
	}
}

// TestPluginFails has plugins refuse to attach, and to detach: what fails is tried again,
// by this agent or the next one, and what it was called with is kept for that.
func TestPluginFails(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	o.Plugins = recording(t)
	describe(t, o, "rec", recorded)
	i := opened(t, o, []string{CNI})
	broken := filepath.Join(o.Plugins, "fails-ADD")
	if err := os.WriteFile(broken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := i.Prepare(t.Context(), asking("a", named("rec")), begin(t, i, asking("x")))
	if err == nil || !strings.Contains(err.Error(), `container.network_infos[0]: network "rec"`) || !strings.Contains(err.Error(), "no more cables") || !strings.Contains(err.Error(), "bin 7") {
		t.Errorf("attach: got %v, want the field, the network and what the plugin says", err)
	}
	if err := errors.Join(i.Cleanup(t.Context(), "a"), os.Rename(broken, filepath.Join(o.Plugins, "fails-DEL"))); err != nil {
		t.Fatal(err)
	}
	begin(t, i, asking("b", named("rec")))
	if err := i.Cleanup(t.Context(), "b"); err == nil || !strings.Contains(err.Error(), "no more cables") {
		t.Errorf("detach: got %v, want what the plugin says", err)
	}
	if err := errors.Join(os.Remove(filepath.Join(o.Configs, "rec")), os.Remove(filepath.Join(o.Plugins, "DEL-b-eth0"))); err != nil {
		t.Fatal(err)
	}
	next := opened(t, o, []string{CNI}) // which starts all the same
	if _, err := os.Stat(next.dir("b")); err != nil {
		t.Errorf("what is left to be done was forgotten: %v", err)
	}
	if err := os.Remove(filepath.Join(o.Plugins, "fails-DEL")); err != nil {
		t.Fatal(err)
	}
	opened(t, o, []string{CNI})
	if _, err := os.Stat(filepath.Join(o.Plugins, "DEL-b-eth0")); err != nil {
		t.Errorf("the plugin was not called again: %v", err)
	}
}

// TestCrash has the agent die at each step on the way into a network.
func TestCrash(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	for name, reached := range map[string]func(i *Isolator, k *container) error{
		"directory": func(*Isolator, *container) error { return nil },
		"intent":    func(_ *Isolator, k *container) error { return k.save() },
		"namespace": func(_ *Isolator, k *container) error {
			return errors.Join(k.save(), makeNamespace(k.path(namespaceFile)))
		},
		"file of the namespace": func(_ *Isolator, k *container) error {
			return errors.Join(k.save(), os.WriteFile(k.path(namespaceFile), nil, 0o400))
		},
		"attached": func(i *Isolator, k *container) error {
			return i.join(t.Context(), "a", k, []want{{}})
		},
		"half taken apart": func(i *Isolator, k *container) error {
			err := i.join(t.Context(), "a", k, []want{{}})
			return errors.Join(err, unplug(port(o.Root, "a", k.Attachments[0])), removeNamespace(k.path(namespaceFile)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := opened(t, o, []string{Bridge})
			k := &container{dir: i.dir("a"), Attachments: []*attachment{{Network: "mesos0", Bridge: true, Interface: "eth0"}}}
			if err := errors.Join(os.MkdirAll(k.dir, 0o711), reached(i, k)); err != nil {
				t.Fatal(err)
			}
			opened(t, o, []string{Bridge})
			if _, err := os.Stat(k.dir); err == nil {
				t.Error("the container's directory is still there")
			}
		})
	}
}

// TestUnknownNetwork names the networks there are, and files that describe none.
func TestUnknownNetwork(t *testing.T) {
	need(t)
	o := options(t)
	leavesNothing(t, o)
	o.Plugins = recording(t)
	describe(t, o, "rec", recorded)
	describe(t, o, "rec2", recorded)
	describe(t, o, "broken", "{")
	describe(t, o, "nameless", `{"type": "recorder"}`)
	describe(t, o, "typeless", `{"name": "typeless"}`)
	describe(t, o, ".hidden", "{")
	i := opened(t, o, Names())
	err := i.Prepare(t.Context(), asking("a", named("rec"), named("wire")), begin(t, i, asking("x")))
	var unknown *UnknownError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Good, []string{"mesos0", "rec"}) {
		t.Fatalf("got %v, want the networks mesos0 and rec", err)
	}
	for _, want := range []string{`container.network_infos[1].name: unknown network "wire": want one of mesos0, rec`, "broken: ", "nameless: name must be set", "typeless: ", "rec2: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("got %v, want nothing of hidden files", err)
	}
	if err := i.Cleanup(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
}

func TestNew(t *testing.T) {
	o := options(t)
	o.Plugins = o.Configs
	for _, c := range []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{CNI, func(o *Options) { o.Plugins = "" }, "directory of plugins"},
		{CNI, func(o *Options) { o.Configs += "/none" }, "/none"},
		{Bridge, func(o *Options) { o.Name = "a-name-that-is-long" }, "at most 15"},
		{Bridge, func(o *Options) { o.Name = "a/b" }, "a/b"},
		{Bridge, func(o *Options) { o.Subnet = netipPrefix("fd00::/64") }, "IPv4"},
		{Bridge, func(o *Options) { o.Subnet = netipPrefix("10.0.0.0/31") }, "10.0.0.0/31"},
	} {
		bad := o
		c.change(&bad)
		if _, err := New(bad, c.name); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: got %v, want an error with %s", c.name, err, c.want)
		}
	}
	i, err := New(o, CNI, Bridge)
	if err != nil || i.Name() != "network/bridge,network/cni" {
		t.Errorf("got %v, %v, want both", i, err)
	}
	var _ isolators.Isolator = i
}
