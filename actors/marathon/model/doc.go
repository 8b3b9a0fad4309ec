// Package model is what users of marathon say and read: apps, pods and groups in
// the JSON of Marathon's REST API, their versions, and the instances that run of
// them.
//
// It owns the shapes, their defaults and what is valid. Packages plan and match
// decide with it, marathon keeps it, api speaks it. It is pure: it reads no
// clock, and a [Spec] that was made is never changed, so that all may share it.
//
// # What is not supported
//
// A field that would be dropped silently is refused with 422 and its path. Fields
// that Marathon itself only tells (version, tasks and the like) are read and
// ignored, so that an answer can be sent back.
//
//	sent                                      answered
//	a field that there is not                 422, the path of the field, "there is no such field"
//	ipAddress                                 422, "use networks"
//	storeUrls                                 422, "use fetch"
//	executor, other than "" and "//cmd"       422
//	container.appc, image kind APPC           422
//	volumes[].external, .csi                  422
//	volumes[].persistent.profileName           422
//	residency                                 422 without persistent volumes; taskLostBehavior other than WAIT_FOREVER 422
//	resources, ports or volumes of an app with persistent volumes that change: 422
//	networkBandwidth, executorResources       422
//	networkNames that are not the first's     422: ports of the agent lead to the first network
//	image.labels of pods                      422
//	enforceRole, scaleBy of groups            scaleBy taken; enforceRole true 422
//	secrets                                   taken; their source is passed on as a reference, that the agents resolve
//	callbacks, /v2/eventSubscriptions         404: /v2/events is there
//
// # What Marathon has not
//
//	perAgent                                  one instance on each agent that is offered; instances is not read
//	upgradeStrategy.canaryInstances           an upgrade stops at so many new instances until it is promoted
//	upgradeStrategy.canaryPromoteSeconds      promotes by itself when all of them were ready for so long
//	upgradeStrategy.autoRevert                an upgrade whose new instance fails or is unhealthy goes back
package model
