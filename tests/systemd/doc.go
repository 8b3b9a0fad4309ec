// Package systemd tests how the daemons live under a service manager: the units as text, `make install`, and the Debian
// package on machines with a systemd of their own. Those are containers of systemd-nspawn, which boot in half a second,
// and for a restart of the machine one of package vm.
//
// It owns the containers. Nothing but its own tests calls it, and what is installed is installed in there: the machine that
// the tests run on is left as it is.
package systemd
