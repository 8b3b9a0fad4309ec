package engine

import (
	"encoding/json"
	"time"
)

// Container is what one is created from: those fields of the engine's that we
// set. Names are the engine's.
type Container struct {
	Image        string
	Hostname     string              `json:",omitempty"`
	Domainname   string              `json:",omitempty"`
	User         string              `json:",omitempty"`
	Tty          bool                `json:",omitempty"`
	OpenStdin    bool                `json:",omitempty"`
	StdinOnce    bool                `json:",omitempty"`
	AttachStdin  bool                `json:",omitempty"`
	AttachStdout bool                `json:",omitempty"`
	AttachStderr bool                `json:",omitempty"`
	Env          []string            `json:",omitempty"`
	Entrypoint   []string            `json:",omitempty"` // nil: the image's
	Cmd          []string            `json:",omitempty"` // nil: the image's
	WorkingDir   string              `json:",omitempty"`
	MacAddress   string              `json:",omitempty"`
	StopSignal   string              `json:",omitempty"`
	Labels       map[string]string   `json:",omitempty"`
	ExposedPorts map[string]struct{} `json:",omitempty"`
	Volumes      map[string]struct{} `json:",omitempty"`

	HostConfig       Host
	NetworkingConfig *Networking `json:",omitempty"`
}

// Host is how a container is on its machine.
type Host struct {
	Binds           []string          `json:",omitempty"`
	VolumeDriver    string            `json:",omitempty"`
	VolumesFrom     []string          `json:",omitempty"`
	Mounts          []Mount           `json:",omitempty"`
	Tmpfs           map[string]string `json:",omitempty"`
	NetworkMode     string            `json:",omitempty"`
	PortBindings    map[string][]Port `json:",omitempty"`
	PublishAllPorts bool              `json:",omitempty"`
	Links           []string          `json:",omitempty"`
	ExtraHosts      []string          `json:",omitempty"`
	DNS             []string          `json:"Dns,omitempty"`
	DNSOptions      []string          `json:"DnsOptions,omitempty"`
	DNSSearch       []string          `json:"DnsSearch,omitempty"`

	Privileged     bool              `json:",omitempty"`
	ReadonlyRootfs bool              `json:",omitempty"`
	CapAdd         []string          `json:",omitempty"`
	CapDrop        []string          `json:",omitempty"`
	SecurityOpt    []string          `json:",omitempty"`
	GroupAdd       []string          `json:",omitempty"`
	Sysctls        map[string]string `json:",omitempty"`
	Devices        []Device          `json:",omitempty"`
	Ulimits        []Ulimit          `json:",omitempty"`
	IpcMode        string            `json:",omitempty"`
	PidMode        string            `json:",omitempty"`
	UTSMode        string            `json:",omitempty"`
	UsernsMode     string            `json:",omitempty"`
	CgroupnsMode   string            `json:",omitempty"`
	Init           *bool             `json:",omitempty"`
	Runtime        string            `json:",omitempty"`
	ShmSize        int64             `json:",omitempty"` // bytes
	StorageOpt     map[string]string `json:",omitempty"`
	LogConfig      *Log              `json:",omitempty"`

	Resources
	CgroupParent string `json:",omitempty"`
	CpusetCpus   string `json:",omitempty"`
	CpusetMems   string `json:",omitempty"`
	PidsLimit    *int64 `json:",omitempty"`
	BlkioWeight  uint16 `json:",omitempty"`

	BlkioDeviceReadBps, BlkioDeviceWriteBps, BlkioDeviceReadIOps, BlkioDeviceWriteIOps []Throttle `json:",omitempty"`

	OomKillDisable   *bool  `json:",omitempty"`
	OomScoreAdj      int    `json:",omitempty"`
	MemorySwappiness *int64 `json:",omitempty"`
}

// Resources are those amounts that can be changed while a container runs. Zero
// leaves one as it is.
type Resources struct {
	CPUShares         int64 `json:"CpuShares,omitempty"`
	CPUPeriod         int64 `json:"CpuPeriod,omitempty"` // µs
	CPUQuota          int64 `json:"CpuQuota,omitempty"`  // µs a period
	NanoCPUs          int64 `json:"NanoCpus,omitempty"`
	Memory            int64 `json:",omitempty"` // bytes
	MemoryReservation int64 `json:",omitempty"` // bytes
	MemorySwap        int64 `json:",omitempty"` // bytes, of both; -1 for any number
}

// Throttle bounds the access to one disk, per second.
type Throttle struct {
	Path string // of its node
	Rate uint64
}

// Mount is a volume or a directory in a container.
type Mount struct {
	Type          string // "bind", "volume" or "tmpfs"
	Source        string `json:",omitempty"`
	Target        string
	ReadOnly      bool           `json:",omitempty"`
	VolumeOptions *VolumeOptions `json:",omitempty"`
}

// VolumeOptions say who makes a volume.
type VolumeOptions struct {
	DriverConfig Driver
}

// Driver is a plugin of the engine with its options.
type Driver struct {
	Name    string            `json:",omitempty"`
	Options map[string]string `json:",omitempty"`
}

// Port is where a port of a container is found on the machine.
type Port struct {
	HostIP   string `json:"HostIp,omitempty"`
	HostPort string
}

// Device is one of the machine's in a container.
type Device struct{ PathOnHost, PathInContainer, CgroupPermissions string }

// Ulimit is a resource limit.
type Ulimit struct {
	Name       string
	Soft, Hard int64
}

// Log is where the engine itself keeps output.
type Log struct {
	Type   string
	Config map[string]string `json:",omitempty"`
}

// Networking is the networks that a container is in, by name.
type Networking struct {
	EndpointsConfig map[string]Endpoint
}

// Endpoint is a container in a network.
type Endpoint struct {
	Aliases    []string `json:",omitempty"`
	IPAMConfig *Address `json:",omitempty"`
	Links      []string `json:",omitempty"`
	IPAddress  string   `json:",omitempty"` // told by the engine
	GlobalIPv6 string   `json:"GlobalIPv6Address,omitempty"`
}

// Address is one that is asked for.
type Address struct {
	IPv4Address string `json:",omitempty"`
	IPv6Address string `json:",omitempty"`
}

// State is what the engine tells of a container.
type State struct {
	ID    string `json:"Id"`
	Name  string // with a slash before it
	State struct {
		Status     string
		Running    bool
		OOMKilled  bool
		Pid        int
		ExitCode   int
		Error      string
		FinishedAt time.Time
	}
	Config struct {
		Env    []string
		Tty    bool
		Labels map[string]string

		StopSignal string // "" for SIGTERM
	}
	HostConfig struct {
		NetworkMode string
		Resources
	}
	NetworkSettings struct {
		Networks map[string]Endpoint
		Ports    map[string][]Port
	}

	Raw json.RawMessage `json:"-"` // all of the answer
}

// Listed is a container in a list.
type Listed struct {
	ID     string `json:"Id"`
	Names  []string
	Labels map[string]string
	State  string // "running", "exited", …
}
