//go:build !linux

package metrics

import "errors"

// ReadSystem is only known on Linux.
func ReadSystem() (System, error) {
	return System{}, errors.New("system statistics: only Linux is supported")
}
