// Package images brings images of containers to this machine and makes root file
// systems of them, without a Docker daemon.
//
// [Store] owns the directory of --docker_store_dir:
//
//	layers/<id>    a layer's files, named by the digest of its content, shared by all images that have it
//	images/<key>   what an image is made of, a file for each name that was asked for
//	staging/       what is not whole yet; emptied at the start
//
// A layer or image is renamed to its place when it is whole, so that a crash
// leaves nothing half. [Provisioner] owns <work_dir>/provisioner: a directory
// for each container with what its root is made of. An overlay is mounted by the
// container's own first process, in its own mount namespace: no mount is ever
// made on the machine, so none can be left.
//
// Images come from a registry over HTTP, from a directory of archives as `docker
// save` writes them, or from an OCI layout. Their content is not trusted: nothing
// of it is followed out of the directory that it is unpacked in.
//
// The agent makes both and package filesystem calls them for each container. They
// start no process, and never delete what a container uses.
package images
