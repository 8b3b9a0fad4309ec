//go:build !amd64

package early

// Entry is where mesos-init is linked to begin; "" for where Go has programs begin.
const Entry = ""
