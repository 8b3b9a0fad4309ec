// Package job is what a user says of a job: its fields in JSON, as Chronos has them, what is wrong with them, and how the jobs
// that wait for others hang together.
//
// The API decodes jobs with it and package plan keeps them. It is pure, and knows nothing of runs.
//
// # What is read
//
// Numbers and switches may be written as strings, as in Chronos's own examples. Fields that Chronos does not know are refused,
// and so are these:
//
//	field                              who sends it gets
//	networkInfos[].portMappings        422: chronos reserves no ports for a container
//	networkInfos[].protocol            422: a network decides which protocol it speaks
//	uris and fetch, both               400: uris is the old form of fetch
//	schedule and parents, both         400: a job has the one or the other
//	any unknown field                  422, with its name
//
// successCount, errorCount, lastSuccess, lastError and errorsSinceLastSuccess are the scheduler's own: a job that was listed
// may be sent back with them, and they change nothing.
//
// Chronos has no onSuccess and onFailure: the URLs that are told of the end of each run of this job. Nor has its last version
// epsilon and async, which earlier ones had.
package job
