// Package sandbox knows where things lie below an agent's work directory: the
// sandbox of an executor's run, the links beside it, volumes, standalone
// containers, and the virtual paths under which /files serves them.
//
// The layout is the one that Mesos tools expect:
//
//	<work_dir>/slaves/<agent>/frameworks/<framework>/executors/<executor>/runs/<container>/
//	                                                                       runs/latest -> <container>
//	                                                        runs/<container>/containers/<nested>/
//	                                                        runs/<container>/tasks/<task> -> nested sandbox
//	<work_dir>/containers/<container>/            standalone containers
//	<work_dir>/volumes/roles/<role>/<persistence>/
//
// Agent, containerizer and file endpoints call it. Every function is pure: no
// file is touched here, and no path comes out that an id could have bent,
// because each id is checked (see CheckID) before it becomes a path element.
package sandbox
