package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// attachment is one interface of a container. It is kept in a file.
type attachment struct {
	Network   string          `json:"network"`
	Bridge    bool            `json:"bridge,omitempty"` // the network is ours, not one of plugins
	Interface string          `json:"interface"`        // in the container: "eth0"
	Asked     json.RawMessage `json:"asked"`            // the NetworkInfo
	Config    json.RawMessage `json:"config,omitempty"` // of plugins, as they were called: the file may be gone when they are called again
	Mappings  []mapping       `json:"mappings,omitempty"`
	Addresses []netip.Prefix  `json:"addresses,omitempty"`
	DNS       DNS             `json:"dns,omitzero"`
}

// DNS is where names are looked up.
type DNS struct {
	Servers []string `json:"nameservers,omitempty"` // IPs
	Domain  string   `json:"domain,omitempty"`
	Search  []string `json:"search,omitempty"`
	Options []string `json:"options,omitempty"`
}

// container is one with networks of its own.
type container struct {
	dir         string
	told        []*v1.NetworkInfo // what Networks tells, when all is attached; nobody changes it
	Attachments []*attachment     `json:"attachments"`
}

// Files in the directory of a container.
const (
	stateFile     = "state.json"
	namespaceFile = "net"
	cacheDir      = "cache" // libcni's
)

func (c *container) path(name string) string { return filepath.Join(c.dir, name) }

// save makes the state durable over the end of this program, not over that of the
// machine, which ends namespaces, too.
func (c *container) save() error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("state of a network: %w", err)
	}
	next := c.path(stateFile + ".next")
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("state of a network: %w", err)
	}
	return os.Rename(next, c.path(stateFile))
}

// load reads what was saved in a directory. Where that was not reached there is
// nothing attached.
func load(dir string) (*container, error) {
	c := &container{dir: dir}
	text, err := os.ReadFile(c.path(stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	if err != nil {
		return c, fmt.Errorf("state of a network: %s: %w", c.path(stateFile), err)
	}
	return c, nil
}

// infos are what the status of the container tells: what was asked for, with the
// addresses that came of it.
func (c *container) infos() (out []*v1.NetworkInfo) {
	for _, a := range c.Attachments {
		info := a.asked()
		info.IpAddresses = nil
		for _, p := range a.Addresses {
			ip, protocol := p.Addr().String(), v1.NetworkInfo_IPv4
			if p.Addr().Is6() {
				protocol = v1.NetworkInfo_IPv6
			}
			info.IpAddresses = append(info.IpAddresses, &v1.NetworkInfo_IPAddress{Protocol: &protocol, IpAddress: &ip})
		}
		out = append(out, info)
	}
	return out
}

// address is the one that a container is known by, zero if it has none: of version 4, if
// there is one, which is the one that agents have.
func (c *container) address() (first netip.Addr) {
	for _, a := range c.Attachments {
		for _, p := range a.Addresses {
			if p.Addr().Is4() {
				return p.Addr()
			}
			if !first.IsValid() {
				first = p.Addr()
			}
		}
	}
	return first
}

func (a *attachment) asked() *v1.NetworkInfo {
	info := &v1.NetworkInfo{}
	// It was made by us of a message; what is wrong with it stays empty.
	_ = mesosjson.Unmarshal(a.Asked, info)
	return info
}
