package model

// App is a service of equal instances, each of one task.
type App struct {
	ID                    string                `json:"id"`
	Cmd                   string                `json:"cmd,omitempty"`
	Args                  []string              `json:"args,omitempty"`
	User                  string                `json:"user,omitempty"`
	Env                   map[string]EnvVar     `json:"env"`
	Instances             int                   `json:"instances"`
	PerAgent              bool                  `json:"perAgent,omitempty"`
	CPUs                  float64               `json:"cpus"`
	Mem                   float64               `json:"mem"`  // MB
	Disk                  float64               `json:"disk"` // MB
	GPUs                  int                   `json:"gpus"`
	ResourceLimits        *Limits               `json:"resourceLimits,omitempty"`
	Executor              string                `json:"executor"`
	Constraints           []Constraint          `json:"constraints"`
	Fetch                 []Artifact            `json:"fetch"`
	URIs                  []string              `json:"uris,omitempty"`
	StoreURLs             []string              `json:"storeUrls,omitempty"`
	PortDefinitions       []PortDefinition      `json:"portDefinitions,omitempty"`
	Ports                 []int                 `json:"ports,omitempty"`
	RequirePorts          bool                  `json:"requirePorts"`
	Networks              []Network             `json:"networks"`
	BackoffSeconds        int                   `json:"backoffSeconds"`
	BackoffFactor         float64               `json:"backoffFactor"`
	MaxLaunchDelaySeconds int                   `json:"maxLaunchDelaySeconds"`
	Container             *Container            `json:"container,omitempty"`
	HealthChecks          []HealthCheck         `json:"healthChecks"`
	Check                 *Check                `json:"check,omitempty"`
	ReadinessChecks       []ReadinessCheck      `json:"readinessChecks"`
	Dependencies          []string              `json:"dependencies"`
	UpgradeStrategy       *Upgrade              `json:"upgradeStrategy"`
	Labels                map[string]string     `json:"labels"`
	AcceptedResourceRoles []string              `json:"acceptedResourceRoles,omitempty"`
	Role                  string                `json:"role,omitempty"`
	Residency             *Residency            `json:"residency,omitempty"`
	Secrets               map[string]SecretFrom `json:"secrets"`
	KillGraceSeconds      *int                  `json:"taskKillGracePeriodSeconds,omitempty"`
	UnreachableStrategy   *Unreachable          `json:"unreachableStrategy"`
	KillSelection         string                `json:"killSelection"`
	TTY                   bool                  `json:"tty,omitempty"`
	Version               Timestamp             `json:"version"`
	VersionInfo           VersionInfo           `json:"versionInfo"`
}

// VersionInfo says what of a version is new.
type VersionInfo struct {
	LastScalingAt      Timestamp `json:"lastScalingAt"`
	LastConfigChangeAt Timestamp `json:"lastConfigChangeAt"`
}

// Limits are what a task may use beyond what it is given; "unlimited" is none.
type Limits struct {
	CPUs *Limit `json:"cpus,omitempty"`
	Mem  *Limit `json:"mem,omitempty"` // MB
}

// Artifact is a file for the sandbox.
type Artifact struct {
	URI        string `json:"uri"`
	Extract    bool   `json:"extract"`
	Executable bool   `json:"executable"`
	Cache      bool   `json:"cache"`
	DestPath   string `json:"destPath,omitempty"`
}

// Residency is how instances with persistent volumes are treated.
type Residency struct {
	RelaunchEscalationTimeoutSeconds int    `json:"relaunchEscalationTimeoutSeconds"`
	TaskLostBehavior                 string `json:"taskLostBehavior"`
}

// SecretFrom names where a secret is kept.
type SecretFrom struct {
	Source string `json:"source"`
}

// toldOfApp are the fields that answers hold beside the definition.
var toldOfApp = []string{
	"tasksStaged", "tasksRunning", "tasksHealthy", "tasksUnhealthy", "deployments", "tasks", "lastTaskFailure",
	"readinessCheckResults", "taskStats", "versionInfo", "version",
}

// newApp is an app with the values of fields that are not sent.
func newApp() *App {
	return &App{
		Env: map[string]EnvVar{}, Instances: 1, CPUs: 1, Mem: 128, Executor: "", Constraints: []Constraint{}, Fetch: []Artifact{},
		Networks: nil, BackoffSeconds: 1, BackoffFactor: 1.15, MaxLaunchDelaySeconds: 300,
		HealthChecks: []HealthCheck{}, ReadinessChecks: []ReadinessCheck{}, Dependencies: []string{}, Labels: map[string]string{},
		Secrets: map[string]SecretFrom{}, KillSelection: YoungestFirst,
	}
}

// DecodeApp reads an app as clients send it: defaults filled in, older spellings
// of fields turned into today's. Errors: [*Invalid], or they wrap [ErrSyntax].
// base is the group that its id stands in; id is what the path of the request
// says, "" if it says nothing.
func DecodeApp(data []byte, base, id string) (*App, error) {
	a := newApp()
	if err := decode(data, a, toldOfApp...); err != nil {
		return nil, err
	}
	if id != "" {
		if a.ID != "" && Resolve(base, a.ID) != Resolve(Root, id) {
			return nil, &Invalid{[]Problem{{"/id", []string{"must be " + Resolve(Root, id) + ", as the path of the request says; got " + a.ID}}}}
		}
		a.ID = id
	}
	return a, a.finish(base)
}

// finish resolves ids, fills in what depends on other fields, and validates.
func (a *App) finish(base string) error {
	var p problems
	a.resolve(base)
	a.modernize(&p)
	a.defaults()
	a.validate(&p)
	return p.err()
}

// resolve makes ids absolute.
func (a *App) resolve(base string) {
	if a.ID != "" {
		a.ID = Resolve(base, a.ID)
	}
	for i, d := range a.Dependencies {
		a.Dependencies[i] = Resolve(Parent(a.ID), d)
	}
}
