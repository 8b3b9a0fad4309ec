// Package rights takes rights from the processes of containers: [Capabilities] is
// the isolator linux/capabilities, [NNP] is linux/nnp.
//
// Package catalog makes them. They only say what the container's first process
// is to give up before it executes the command: see package boot.
package rights
