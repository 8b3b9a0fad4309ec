package flags

// Chronos are the flags of chronos, with the names of Chronos where it has them.
func Chronos() []Def {
	return []Def{
		{Name: "master", Usage: "HOST:PORT of the master, or where the leading one is found: consul://host:port,host:port/path or zk://host:port,host:port/path", Required: true},
		{Name: "ip", Usage: "IP address to listen on"},
		{Name: "zk_hosts", Unsupported: true, Usage: "where Chronos elects its leader", Instead: "one chronos keeps its jobs below --work_dir, several elect their leader in Consul (--consul=consul://host:port,host:port/path)"},
		{Name: "http_address", Unsupported: true, Usage: "Chronos's name of --ip", Instead: "write --ip"},
		{Name: "port", Kind: Port, Default: "4400", Alias: "http_port", Usage: "port for the API and for the master"},
		{Name: "advertise_ip", Usage: "IP address that others reach this program by, if it is not the one listened on"},
		{Name: "advertise_port", Kind: Port, Usage: "port that others reach this program by"},
		{Name: "hostname", DefaultText: "resolved from the IP", Usage: "name that other instances and the master's pages lead users to"},
		{Name: "hostname_lookup", Kind: Bool, Default: "true", Usage: "whether to ask the resolver for the hostname"},
		{Name: "work_dir", Usage: "directory of the file with jobs and runs; not with --consul"},
		{Name: "consul", DefaultText: "one instance, which keeps a file", Usage: "where several instances elect their leader and keep jobs and runs: consul://host:port,host:port/path"},
		{Name: "mesos_framework_name", Default: "chronos", Usage: "name of the framework"},
		{Name: "mesos_role", Default: "*", Usage: "role whose resources jobs use"},
		{Name: "mesos_authentication_principal", Usage: "principal of the framework"},
		{Name: "mesos_authentication_secret_file", Kind: File, Usage: "file of its secret, with which it authenticates"},
		{Name: "user", DefaultText: "that of the agent", Usage: "user that jobs run as that do not name one"},
		{Name: "failover_timeout", Kind: Duration, Default: "1weeks", Usage: "how long tasks run on while no instance leads"},
		{Name: "mesos_task_cpu", Kind: Float, Default: "0.1", Usage: "cpus of jobs that do not say"},
		{Name: "mesos_task_mem", Kind: Float, Default: "128", Usage: "memory, in MB, of jobs that do not say"},
		{Name: "mesos_task_disk", Kind: Float, Default: "256", Usage: "disk, in MB, of jobs that do not say"},
		{Name: "task_epsilon", Kind: Duration, Default: "1mins", Usage: "how late a run may start, of jobs that do not say"},
		{Name: "failure_retry", Kind: Duration, Default: "1mins", Usage: "time between a try that failed and the next one"},
		{Name: "job_history_limit", Kind: Int, Default: "20", Usage: "runs that are remembered of each job"},
		{Name: "http_notification_url", Usage: "URL that is told of each run that did not succeed"},
		{Name: "zk_session_timeout", Kind: Duration, Default: "10secs", Usage: "of the session in which a master is looked for with zk://"},
		{Name: "quiet", Kind: Bool, Default: "false", Usage: "no logging to stderr"},
		LogFormat(),
		{Name: "logging_level", Default: "INFO", OneOf: []string{"INFO", "WARNING", "ERROR"}, Usage: "threshold: INFO, WARNING, ERROR"},
		{Name: "version", Kind: Bool, Default: "false", Usage: "show the version"},
	}
}
