package job

// Job is one job as a user describes it.
type Job struct {
	Name        Text   `json:"name"`
	Command     Text   `json:"command"`
	Shell       Bool   `json:"shell"`
	Arguments   []Text `json:"arguments"`
	Description Text   `json:"description"`
	Owner       Text   `json:"owner"` // mail addresses; chronos sends no mail, but hooks get them
	OwnerName   Text   `json:"ownerName"`

	// When it runs: by a schedule, or after its parents.
	Schedule         Text   `json:"schedule,omitempty"`
	ScheduleTimeZone Text   `json:"scheduleTimeZone,omitempty"`
	Parents          []Text `json:"parents,omitempty"`
	Epsilon          Text   `json:"epsilon"` // ISO 8601: how late a run may start
	Disabled         Bool   `json:"disabled"`
	Concurrent       Bool   `json:"concurrent"`
	HighPriority     Bool   `json:"highPriority"`

	// What comes of it.
	Retries               Number `json:"retries"`
	Async                 Bool   `json:"async"`             // its end is told by the API
	MaxCompletionTime     Number `json:"maxCompletionTime"` // seconds; 0: no limit
	SoftError             Bool   `json:"softError"`         // jobs that wait for it run though it failed
	DataProcessingJobType Bool   `json:"dataProcessingJobType"`
	OnSuccess             Text   `json:"onSuccess,omitempty"` // URLs that are told
	OnFailure             Text   `json:"onFailure,omitempty"`

	// Where and how it runs.
	CPUs                 Number     `json:"cpus"`
	Mem                  Number     `json:"mem"`  // MB
	Disk                 Number     `json:"disk"` // MB
	Executor             Text       `json:"executor"`
	ExecutorFlags        Text       `json:"executorFlags"`
	TaskInfoData         Text       `json:"taskInfoData"`
	RunAsUser            Text       `json:"runAsUser"`
	EnvironmentVariables []Variable `json:"environmentVariables"`
	Fetch                []Fetch    `json:"fetch"`
	URIs                 []Text     `json:"uris"`
	Container            *Container `json:"container,omitempty"`
	Constraints          [][]Text   `json:"constraints"`
}

// Variable is one of the environment.
type Variable struct {
	Name  Text `json:"name"`
	Value Text `json:"value"`
}

// Fetch is a file that is there before the command runs.
type Fetch struct {
	URI        Text  `json:"uri"`
	Executable Bool  `json:"executable"`
	Cache      Bool  `json:"cache"`
	Extract    *Bool `json:"extract"` // nil: true
	OutputFile Text  `json:"output_file,omitempty"`
}

// Container is the image that a job runs in.
type Container struct {
	Type           Text      `json:"type"` // DOCKER or MESOS
	Image          Text      `json:"image"`
	Network        Text      `json:"network"` // HOST, BRIDGE, NONE or USER
	NetworkName    Text      `json:"networkName,omitempty"`
	NetworkInfos   []Network `json:"networkInfos"`
	Volumes        []Volume  `json:"volumes"`
	ForcePullImage Bool      `json:"forcePullImage"`
	Parameters     []Pair    `json:"parameters"`
}

// Network is one that a container joins.
type Network struct {
	Name         Text          `json:"name"`
	Labels       []Pair        `json:"labels"`
	Protocol     Text          `json:"protocol,omitempty"`
	PortMappings []PortMapping `json:"portMappings"`
}

// PortMapping leads from a port of the host into a container.
type PortMapping struct {
	HostPort      Number `json:"hostPort"`
	ContainerPort Number `json:"containerPort"`
	Protocol      Text   `json:"protocol,omitempty"`
}

// Volume is a directory of a container.
type Volume struct {
	HostPath      Text      `json:"hostPath,omitempty"`
	ContainerPath Text      `json:"containerPath"`
	Mode          Text      `json:"mode,omitempty"` // RW or RO
	External      *External `json:"external,omitempty"`
}

// External is a volume of a Docker volume driver.
type External struct {
	Name     Text   `json:"name"`
	Provider Text   `json:"provider"`
	Options  []Pair `json:"options"`
}

// Pair is a parameter or a label.
type Pair struct {
	Key   Text `json:"key"`
	Value Text `json:"value"`
}
