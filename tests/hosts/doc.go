// Package hosts tests clusters whose every host is a network namespace: three
// masters, three Consul servers and five agents with a hundred tasks, at the ports
// of one switch. Programs are killed and stopped, hosts cut off from each other,
// disks made slow and clocks set, and each time it is found out who led, who wrote,
// what became of each task, and how long it took. Three programs chronos run jobs at
// their times through all of that.
//
// TestMain runs the tests in a network, mount and process namespace of their own,
// so that nothing of them is on the machine's network and nothing outlives them,
// however they end. Where the machine does not allow that they are skipped, and
// say why. Nothing but go test calls the package.
//
//	HOSTS_ROUNDS=10   how often the leader is killed and handed over (1)
//	HOSTS_LONG=1      the faults that last for a minute, too, side by side
//	CHRONOS_FOR=10m   how long all kinds of faults befall chronos (40s), in the order of
//	CHRONOS_SEED=n
//	HOSTS_KEEP=dir    keep a picture of each history that no lawful order explains
package hosts
