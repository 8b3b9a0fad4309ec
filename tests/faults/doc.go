// Package faults breaks real clusters and looks what becomes of their tasks: programs are killed and stopped at random,
// disks fill up, while tasks short and long run. It is for make test in a form of about a minute, and for make soak:
//
//	FAULTS_FOR=10m     how long the nemesis is at work (1 m)
//	FAULTS_SEED=n      what it does; printed by each run (random)
//
// A task writes marks of its start and its end to files beside the cluster, so what its scheduler was told can be held
// against what happened.
package faults
