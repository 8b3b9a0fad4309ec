package flags

// Marathon returns the flags of marathon, all of which it acts on. Those that
// Marathon has, too, have its names.
func Marathon() []Def {
	return []Def{
		{Name: "version", Kind: Bool, Default: "false", Usage: "print the version and exit"},
		{Name: "master", Required: true, Usage: "where the master is: host:port, or consul://host:port,host:port/path or zk://… where masters elect theirs"},
		{Name: "work_dir", Usage: "directory of what must outlive the program; not with --consul"},
		{Name: "consul", DefaultText: "alone", Usage: "where several marathons elect their leader and keep their state: consul://host:port,host:port/path; the path must not be that of the masters"},
		{Name: "ip", DefaultText: "all; the one of the host name is told to others", Usage: "address to listen on"},
		{Name: "http_port", Kind: Port, Default: "8080", Alias: "port", Usage: "port of the REST API"},
		{Name: "http_address", Unsupported: true, Usage: "Marathon's name of --ip", Instead: "write --ip"},
		{Name: "zk", Unsupported: true, Usage: "where Marathon elects its leader", Instead: "one marathon keeps its state below --work_dir, several elect their leader in Consul (--consul=consul://host:port,host:port/path)"},
		{Name: "ha", Kind: Bool, Default: "false", Unsupported: true, Usage: "whether several run", Instead: "several marathons are those with the same --consul"},
		{Name: "hostname", DefaultText: "the name of the machine", Usage: "name under which others reach this program"},
		{Name: "framework_name", Default: "marathon", Usage: "name of the framework"},
		{Name: "mesos_authentication_principal", Usage: "principal of the framework"},
		{Name: "mesos_authentication_secret_file", Kind: File, Usage: "file of its secret, with which it authenticates"},
		{Name: "mesos_role", Default: "*", Usage: "role of the framework"},
		{Name: "mesos_user", DefaultText: "that of the agent", Usage: "user that tasks run as, if their app does not say another"},
		{Name: "failover_timeout", Kind: Duration, Default: "1weeks", Usage: "how long tasks outlive this program"},
		{Name: "task_launch_timeout", Kind: Duration, Default: "5mins", Usage: "an instance that does not run after it is replaced"},
		{Name: "local_port_min", Kind: Port, Default: "10000", Usage: "first of the service ports that are assigned"},
		{Name: "local_port_max", Kind: Port, Default: "20000", Usage: "last of them"},
		{Name: "max_versions", Kind: Int, Default: "25", Usage: "versions of each app that are kept"},
		{Name: "webui_url", Usage: "address that the master's pages show for the framework"},
		{Name: "quiet", Kind: Bool, Default: "false", Usage: "no logging to stderr"},
		LogFormat(),
		{Name: "logging_level", Default: "INFO", OneOf: []string{"INFO", "WARNING", "ERROR"}, Usage: "least important lines to show on stderr"},
	}
}
