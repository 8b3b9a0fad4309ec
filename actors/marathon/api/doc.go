// Package api is Marathon's REST API for package marathon, over net/http.
//
// It owns paths, JSON shapes of answers and status codes; what is asked for it has
// the Service do, and waits. It keeps nothing. Whoever serves it may be anybody:
// access is for the network around it to bound.
//
//	path                                    methods
//	/v2/apps                                GET (cmd, id, label, embed), POST, PUT and PATCH (a list)
//	/v2/apps/ID                             GET (embed), PUT, PATCH, DELETE; ID/* for a group
//	/v2/apps/ID/restart                     POST
//	/v2/apps/ID/tasks, …/tasks/TASK         GET, DELETE (scale, wipe, host)
//	/v2/apps/ID/versions, …/versions/V      GET
//	/v2/groups, /v2/groups/ID               GET, POST, PUT (dryRun), DELETE; ID/versions GET
//	/v2/pods, /v2/pods/ID                   GET, POST, PUT, DELETE; /v2/pods/::status, ID::status, ID::versions,
//	                                        ID::versions/V, ID::instances, ID::instances/INSTANCE
//	/v2/deployments                         GET
//	/v2/deployments/ID                      DELETE (force); …/promote POST, which Marathon has not
//	/v2/tasks, /v2/tasks/delete             GET (status), POST
//	/v2/queue, /v2/queue/ID/delay           GET (embed), DELETE
//	/v2/info, /v2/leader, /v2/events        GET (event_type); DELETE of /v2/leader resigns
//	/ping, /metrics                         GET
//
// force=true stops the deployments that a change would have to wait for. Errors are
// {"message", "details"}: 400 no JSON, 404, 405, 409 locked or there already, 422
// not valid, with the path of each field, 503 while nobody leads.
package api
