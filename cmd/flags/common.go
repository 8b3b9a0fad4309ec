package flags

import "slices"

// mesosFlags puts the flags that both daemons have beside those of one, and marks all as not acted on yet.
func mesosFlags(own []Def) []Def {
	all := slices.Concat(own, commonFlags)
	for i := range all {
		all[i].Unsupported = true
	}
	return all
}

var commonFlags = []Def{
	{Name: "quiet", Kind: Bool, Default: "false", Usage: "no logging to stderr"},
	{Name: "logging_level", Default: "INFO", OneOf: []string{"INFO", "WARNING", "ERROR"}, Usage: "threshold: INFO, WARNING, ERROR"},
	{Name: "log_dir", Usage: "directory of a file with the log, too: mesos-master.INFO or mesos-agent.INFO, to which each run adds"},
	{Name: "logbufsecs", Kind: Int, Default: "0", Usage: "log buffering seconds"},
	{Name: "initialize_driver_logging", Kind: Bool, Default: "true", Usage: "initialise logging inside drivers"},
	{Name: "external_log_file", Usage: "existing log file to show in UI/API"},
}
