// Package logrotate bounds what a container's stdout and stderr take on disk.
//
// Each container that is started with rotation has one process of mesos-logger
// beside it, in a session of its own. It holds the reading ends of the
// container's two pipes and writes files in the sandbox, as the container's
// user. The agent is not on the way: when it ends, is upgraded or hangs, output
// flows on. The process ends when nobody holds the writing ends any more, so
// nothing that was written is lost to a kill either.
//
// "stdout" is always the newest file; older ones are "stdout.1", "stdout.2" and
// so on, from the second on packed if asked for. [File] rotates without a moment
// in which there is no "stdout", between lines where it can, and loses no byte
// but those of files that are too old. On a full disk it drops what cannot be
// written and says so later: a task must not hang for its log.
//
// The containerizer makes the [Limits]; cmd/mesos-logger calls [Copy].
package logrotate
