package actors

import "mesos/actors/link"

// UPID names one actor in the cluster; see link.UPID. It is a comparable value, printed "id@host:port".
type UPID = link.UPID

// ParseUPID reads "id@host:port".
func ParseUPID(s string) (UPID, error) { return link.ParseUPID(s) }
