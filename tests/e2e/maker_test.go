package e2e

import (
	"path/filepath"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/box"
	"mesos/tests/cluster"
)

// plainRegistry is a registry with one image, plain:1, of which nothing is special.
func plainRegistry(t *testing.T) string {
	t.Helper()
	return box.Registry(t, map[string]gcr.Image{"plain:1": box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}})})
}

// madeBy are the flags, added to others, of an agent whose containers a maker makes, "mesos" for the agent itself, of images
// in a registry; and its runtime directory.
func madeBy(t *testing.T, maker, registry string, flags ...string) (all []string, runtime string) {
	t.Helper()
	dir := t.TempDir()
	runtime = filepath.Join(dir, "run")
	all = append(flags, "--image_providers=docker", "--docker_registry=http://"+registry, "--docker_store_dir="+filepath.Join(dir, "store"), "--runtime_dir="+runtime)
	switch maker {
	case "mesos":
		cluster.NeedCgroups(t)
	case "docker":
		e := startEngine(t, "", machinesNetwork...)
		all = append(all, "--containerizers=docker", "--docker_socket="+e.socket, "--docker_remove_delay=0secs")
	default:
		needProgram(t, programs[maker].needs)
		all = append(all, programs[maker].flags...)
	}
	return all, runtime
}

// plainTask is one of the image plain:1, in a container of a maker.
func plainTask(maker, registry, id string, command *v1.CommandInfo) *v1.TaskInfo {
	if maker == "docker" {
		return dockerTask(id, registry+"/plain:1", command)
	}
	return imageTask(id, "plain:1", command)
}
