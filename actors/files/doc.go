// Package files shows chosen files and directories (sandboxes, logs) under virtual paths, as the Mesos /files endpoints
// and the calls LIST_FILES and READ_FILE do.
//
// It owns the table of attached paths. Agent and master attach and detach; handlers browse and read on goroutines of
// net/http. Whatever a task puts into its sandbox, nothing outside of an attached directory can be reached, no read
// hangs on a pipe, and no file is ever written.
package files
