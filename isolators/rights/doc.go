// Package rights takes rights from the processes of containers: [Capabilities] is
// the isolator linux/capabilities, [NNP] is linux/nnp. And it gives one, to devices:
// [Devices] is linux/devices.
//
// Package catalog makes them. They only say what the container's first process
// is to give up, or to find, before it executes the command: see package boot.
package rights
