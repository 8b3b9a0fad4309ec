package model

// Container is what a task runs in.
type Container struct {
	Type         string        `json:"type"` // DOCKER or MESOS
	Docker       *Docker       `json:"docker,omitempty"`
	Volumes      []Volume      `json:"volumes"`
	PortMappings []PortMapping `json:"portMappings,omitempty"`
	AppC         *struct{}     `json:"appc,omitempty"`
}

// Docker is an image, and how it is run.
type Docker struct {
	Image          string        `json:"image"`
	Network        string        `json:"network,omitempty"` // older than networks
	PortMappings   []PortMapping `json:"portMappings,omitempty"`
	Privileged     bool          `json:"privileged"`
	Parameters     []Parameter   `json:"parameters"`
	ForcePullImage bool          `json:"forcePullImage"`
	PullConfig     *secretRef    `json:"pullConfig,omitempty"`
}

// Parameter is an option for the docker program.
type Parameter struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Volume is a directory in the container.
type Volume struct {
	ContainerPath string      `json:"containerPath"`
	HostPath      string      `json:"hostPath,omitempty"`
	Mode          string      `json:"mode"` // RO or RW
	Persistent    *Persistent `json:"persistent,omitempty"`
	Secret        string      `json:"secret,omitempty"` // its value is a file
}

// Persistent is a directory that outlives the instance, on reserved disk.
type Persistent struct {
	Size        int64        `json:"size"`              // MB
	MaxSize     int64        `json:"maxSize,omitempty"` // MB, of a mount; 0: any
	Type        string       `json:"type,omitempty"`    // RootDisk if empty
	Constraints []Constraint `json:"constraints"`       // on the path of a disk of type path or mount
}

// The types of disks for persistent volumes.
const (
	RootDisk  = "root"  // a part of the agent's own disk
	PathDisk  = "path"  // a part of another disk
	MountDisk = "mount" // all of a disk that is as large as size at least
)

// Network is what an instance is attached to.
type Network struct {
	Name   string            `json:"name,omitempty"`
	Mode   string            `json:"mode"`
	Labels map[string]string `json:"labels,omitempty"`
}

// The modes of networks.
const (
	HostMode      = "host"
	BridgeMode    = "container/bridge"
	ContainerMode = "container"
)

// PortMapping leads a port of the agent to one in the container.
type PortMapping struct {
	ContainerPort int               `json:"containerPort"`
	HostPort      *int              `json:"hostPort,omitempty"`
	ServicePort   int               `json:"servicePort"`
	Protocol      string            `json:"protocol"` // tcp, udp or "tcp,udp"; also "udp,tcp"
	Name          string            `json:"name,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	NetworkNames  []string          `json:"networkNames,omitempty"`
}

// PortDefinition is a port of the agent.
type PortDefinition struct {
	Port     int               `json:"port"` // service port; the agent's, too, with requirePorts
	Protocol string            `json:"protocol"`
	Name     string            `json:"name,omitempty"`
	Labels   map[string]string `json:"labels,omitempty"`
}

// HasPersistent says that an instance has volumes that outlive it.
func (c *Container) HasPersistent() bool {
	if c == nil {
		return false
	}
	for _, v := range c.Volumes {
		if v.Persistent != nil {
			return true
		}
	}
	return false
}
