package flags

// LogFormat is the flag of every daemon that says how its log looks; Mesos does not have it.
func LogFormat() Def {
	return Def{Name: "log_format", Default: "text", OneOf: []string{"text", "json"}, Usage: "of the log on stderr: text, or json with one object a line"}
}
