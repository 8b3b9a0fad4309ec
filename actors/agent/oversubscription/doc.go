// Package oversubscription decides how much of an agent is lent twice, and who must go when that goes wrong.
//
// An [Estimator] says how much of what tasks were given and do not use may be offered once more, as revocable
// resources. A [Controller] (of quality of service) says which executors that hold such resources are to end, so that those
// that hold none are well. Both are told by a [Usage] what runs and what it uses. They have no clock and touch nothing:
// the agent measures, asks them beside its actor, one question at a time, and does what they say.
//
//	estimator                                  what it lends
//	noop                                       nothing
//	fixed, org_apache_mesos_FixedResourceEstimator   a fixed amount: parameter resources
//	load                                       what tasks have and have not used for some time: parameters names, share, window
//
//	controller                                 who ends
//	noop                                       nobody
//	load, org_apache_mesos_LoadQoSController   all that hold revocable resources, while the load of the machine is above a
//	                                           threshold: parameters load_threshold_5min, load_threshold_15min
//	pressure                                   the greatest user among them, one after the other, while others wait for a
//	                                           resource longer than they should: parameters cpu, memory, io, window
package oversubscription
