// Package plan decides, purely, what marathon does next: which steps a deployment
// has, how many instances of a spec to launch, and which to kill.
//
// Package marathon calls it after each event with what there is, and carries out
// what it says. The same input gives the same decision, so a decision that was
// lost with a crash is made again. It never talks to anybody and reads no clock.
//
// The rules of an upgrade, for N wanted instances:
//
//	ready at least       ceil(N × minimumHealthCapacity), of old and new ones
//	there at most        N + floor(N × maximumOverCapacity)
//	if that is N both    one more may be there; of instances with volumes, one less is ready
//	old ones that are not ready go at once
//	canary               so many new ones, as long as the deployment is not promoted
package plan
