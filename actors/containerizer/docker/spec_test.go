package docker

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/volume"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
	"mesos/messages/resources"
)

// TestSpec goes from a ContainerInfo to what the engine is told of it. want is text
// that the JSON holds, or the error; several are separated by "; ".
func TestSpec(t *testing.T) {
	for _, c := range []struct{ name, info, want string }{
		{"least", `"docker":{"image":"i"}`, `"Image":"i"; "NetworkMode":"host"; "Mounts":[{"Type":"bind","Source":"SANDBOX","Target":"/mnt/mesos/sandbox"}]; "CpuShares":512,"CpuPeriod":100000,"CpuQuota":50000,"Memory":67108864,"MemorySwap":67108864; "mesos.agent":"mark","mesos.container":"c"`},
		{"bridge", `"docker":{"image":"i","network":"BRIDGE","port_mappings":[{"host_port":31000,"container_port":80},{"host_port":31001,"container_port":53,"protocol":"udp"}]}`, `"NetworkMode":"bridge"; "PortBindings":{"53/udp":[{"HostPort":"31001"}],"80/tcp":[{"HostPort":"31000"}]}; "ExposedPorts":{"53/udp":{},"80/tcp":{}}`},
		{"ports of the host", `"docker":{"image":"i","port_mappings":[{"host_port":1,"container_port":2}]}`, `container.docker.port_mappings: with network HOST`},
		{"name of the host", `"hostname":"h","docker":{"image":"i"}`, `container.hostname: with network HOST`},
		{"none", `"hostname":"h","docker":{"image":"i","network":"NONE"}`, `"NetworkMode":"none"; "Hostname":"h"`},
		{"user", `"network_infos":[{"name":"n","ip_addresses":[{"ip_address":"10.1.2.3"}]}],"docker":{"image":"i","network":"USER"}`, `"NetworkMode":"n"; "EndpointsConfig":{"n":{"IPAMConfig":{"IPv4Address":"10.1.2.3"}}}`},
		{"user without a name", `"network_infos":[{}],"docker":{"image":"i","network":"USER"}`, `container.network_infos: got 1, want one with the name`},
		{"privileged", `"docker":{"image":"i","privileged":true}`, `"Privileged":true`},
		{"host volume", `"volumes":[{"container_path":"/c","host_path":"/h","mode":"RO"}],"docker":{"image":"i"}`, `"/h:/c:ro"`},
		{"source", `"volumes":[{"container_path":"c","mode":"RW","source":{"type":"HOST_PATH","host_path":{"path":"/h"}}}],"docker":{"image":"i"}`, `"/h:/mnt/mesos/sandbox/c"`},
		{"anonymous volume", `"volumes":[{"container_path":"/c","mode":"RW"}],"docker":{"image":"i"}`, `"Volumes":{"/c":{}}`},
		{"sandbox volume", `"volumes":[{"container_path":"/c","host_path":"in/it","mode":"RW"}],"docker":{"image":"i"}`, `{"Type":"bind","Source":"SANDBOX/in/it","Target":"/c"}`},
		{"out of the sandbox", `"volumes":[{"container_path":"/c","host_path":"../x","mode":"RW"}],"docker":{"image":"i"}`, `container.volumes[0]: path "../x" of the sandbox must be relative`},
		{"a link out of the sandbox", `"volumes":[{"container_path":"/c","host_path":"link/x","mode":"RW"}],"docker":{"image":"i"}`, `container.volumes[0]: path "link/x"`},
		{"container path", `"volumes":[{"container_path":"../c","host_path":"/h","mode":"RW"}],"docker":{"image":"i"}`, `container.volumes[0]: container_path "../c"`},
		{"colon", `"volumes":[{"container_path":"/c","host_path":"/h:ro","mode":"RW"}],"docker":{"image":"i"}`, `container.volumes[0]: host path "/h:ro"`},
		{"docker volume", `"volumes":[{"container_path":"/c","mode":"RO","source":{"type":"DOCKER_VOLUME","docker_volume":{"driver":"d","name":"n","driver_options":{"parameter":[{"key":"k","value":"v"}]}}}}],"docker":{"image":"i"}`, `{"Type":"volume","Source":"n","Target":"/c","ReadOnly":true,"VolumeOptions":{"DriverConfig":{"Name":"d","Options":{"k":"v"}}}}`},
		{"volume driver", `"volumes":[{"container_path":"/c","host_path":"n","mode":"RW"}],"docker":{"image":"i","volume_driver":"d"}`, `"n:/c"; "VolumeDriver":"d"`},
		{"secret", `"volumes":[{"container_path":"/c","mode":"RW","source":{"type":"SECRET"}}],"docker":{"image":"i"}`, `container.volumes[0]: source.type SECRET`},
		{"parameter", `"docker":{"image":"i","parameters":[{"key":"label","value":"a=b"},{"key":"label","value":"mesos.agent=x"}]}`, `"Labels":{"a":"b","mesos.agent":"mark","mesos.container":"c"}`},
		{"bad parameter", `"docker":{"image":"i","parameters":[{"key":"env","value":"a=b"},{"key":"detach","value":"true"}]}`, `container.docker.parameters[1] "detach": no option`},
		{"a network's name", `"network_infos":[{"name":"n"}],"docker":{"image":"i"}`, `container.network_infos[0].name: with network HOST`},
		{"limits", `"rlimit_info":{"rlimits":[{"type":"RLMT_NOFILE","soft":100,"hard":200},{"type":"RLMT_CORE"}]},"docker":{"image":"i"}`, `"Ulimits":[{"Name":"nofile","Soft":100,"Hard":200},{"Name":"core","Soft":-1,"Hard":-1}]`},
		{"half a limit", `"rlimit_info":{"rlimits":[{"type":"RLMT_NOFILE","soft":100}]},"docker":{"image":"i"}`, `container.rlimit_info.rlimits[0]: RLMT_NOFILE: want both`},
		{"address space", `"rlimit_info":{"rlimits":[{"type":"RLMT_AS","soft":100,"hard":200}]},"docker":{"image":"i"}`, `container.rlimit_info.rlimits[0]: RLMT_AS: a Docker engine has no limit`},
		{"capabilities", `"linux_info":{"effective_capabilities":{"capabilities":["NET_RAW","CHOWN"]}},"docker":{"image":"i"}`, `"CapAdd":["NET_RAW","CHOWN"]; "CapDrop":["ALL"]`},
		{"bounding alone", `"linux_info":{"bounding_capabilities":{"capabilities":["NET_RAW"]}},"docker":{"image":"i"}`, `"CapAdd":["NET_RAW"]; "CapDrop":["ALL"]`},
		{"two sets", `"linux_info":{"effective_capabilities":{"capabilities":["NET_RAW"]},"bounding_capabilities":{"capabilities":["NET_RAW","CHOWN"]}},"docker":{"image":"i"}`, `container.linux_info.bounding_capabilities: a container of type DOCKER`},
		{"shared", `"linux_info":{"share_pid_namespace":true,"ipc_mode":"SHARE_PARENT","seccomp":{"unconfined":true}},"docker":{"image":"i"}`, `"IpcMode":"host"; "PidMode":"host"; "SecurityOpt":["seccomp=unconfined"]`},
		{"memory of its own", `"linux_info":{"ipc_mode":"PRIVATE","shm_size":8},"docker":{"image":"i"}`, `"IpcMode":"private"; "ShmSize":8388608`},
		{"shared memory without", `"linux_info":{"shm_size":8},"docker":{"image":"i"}`, `container.linux_info.shm_size: want ipc_mode PRIVATE`},
		{"no profiles", `"linux_info":{"seccomp":{"profile_name":"p"}},"docker":{"image":"i"}`, `container.linux_info.seccomp.profile_name: profile "p": this agent has no directory`},
	} {
		t.Run(c.name, func(t *testing.T) {
			info := &v1.ContainerInfo{}
			if err := mesosjson.Unmarshal([]byte(`{"type":"DOCKER",`+c.info+`}`), info); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.Symlink("/", filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			r := &Runtime{o: Options{Mark: "mark", Sandbox: "/mnt/mesos/sandbox", Cgroups: cgroups.Options{CFS: true}}}
			s, err := r.specOf(containerizer.Config{ContainerID: "c", Sandbox: dir, Info: info, Resources: resources.MustParse("cpus:0.5;mem:64")}, boot.Given{})
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				b, _ := json.Marshal(s)
				got = strings.ReplaceAll(string(b), dir, "SANDBOX")
			}
			for want := range strings.SplitSeq(c.want, "; ") {
				if !strings.Contains(got, want) {
					t.Errorf("got %s, want %s in it", got, want)
				}
			}
		})
	}
}

// TestPersistent mounts a volume where its link in the sandbox leads, and where it
// is asked for.
func TestPersistent(t *testing.T) {
	r := &Runtime{o: Options{Sandbox: "/box"}}
	var s engine.Container
	c := containerizer.Config{Sandbox: "/s", Persistent: []volume.Mount{{Path: "/v/1", Target: "data"}, {Path: "/v/2", Target: "/var/data", ReadOnly: true}}}
	if err := r.volumes(&s, c); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, m := range s.HostConfig.Mounts {
		got += fmt.Sprint(m.Source, ":", m.Target, ":", m.ReadOnly, " ")
	}
	if want := "/s:/box:false /v/1:/v/1:false /v/2:/var/data:true "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParameters(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"cpus", "1.5", `"NanoCpus":1500000000`},
		{"cpus", "0", "want a number of cpus"},
		{"memory", "64m", `"Memory":67108864,"MemorySwap":67108864`},
		{"memory", "64q", "want a number of bytes"},
		{"memory", "99999999999g", "want a number of bytes"},
		{"shm-size", "1g", `"ShmSize":1073741824`},
		{"device", "/dev/x", `{"PathOnHost":"/dev/x","PathInContainer":"/dev/x","CgroupPermissions":"rwm"}`},
		{"device", "/dev/x:r", `{"PathOnHost":"/dev/x","PathInContainer":"/dev/x","CgroupPermissions":"r"}`},
		{"device", "/dev/x:/dev/y:rw", `{"PathOnHost":"/dev/x","PathInContainer":"/dev/y","CgroupPermissions":"rw"}`},
		{"device", ":", "want HOST"},
		{"publish", "31000:80", `"PortBindings":{"80/tcp":[{"HostPort":"31000"}]}`},
		{"publish", "127.0.0.1:31000:80/udp", `"PortBindings":{"80/udp":[{"HostIp":"127.0.0.1","HostPort":"31000"}]}`},
		{"publish", "[::1]:31000:80", `[{"HostIp":"::1","HostPort":"31000"}]`},
		{"publish", "80-90", "want [[IP:]"},
		{"expose", "53/udp", `"ExposedPorts":{"53/udp":{}}`},
		{"expose", "x", "want PORT"},
		{"network-alias", "a", "only a container in a network of its user"},
		{"ulimit", "nofile=10:20", `"Ulimits":[{"Name":"nofile","Soft":10,"Hard":20}]`},
		{"ulimit", "nofile=10", `"Ulimits":[{"Name":"nofile","Soft":10,"Hard":10}]`},
		{"ulimit", "nofile", "want NAME=SOFT"},
		{"tmpfs", "/t:size=1m", `"Tmpfs":{"/t":"size=1m"}`},
		{"tmpfs", "t", "want PATH"},
		{"read-only", "", `"ReadonlyRootfs":true`},
		{"read-only", "maybe", "want true or false"},
		{"pids-limit", "7", `"PidsLimit":7`},
		{"pids-limit", "few", "want a whole number"},
		{"log-opt", "max-size=1m", `"LogConfig":{"Type":"","Config":{"max-size":"1m"}}`},
		{"sysctl", "net.x=1", `"Sysctls":{"net.x":"1"}`},
		{"entrypoint", "/e", `"Entrypoint":["/e"]`},
		{"rm", "true", "no option of docker run that is known here: want one of add-host, "},
	} {
		s := &engine.Container{HostConfig: engine.Host{NetworkMode: "bridge"}}
		got := ""
		if err := parameter(s, c.key, c.value); err != nil {
			got = err.Error()
		} else {
			b, _ := json.Marshal(s)
			got = string(b)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s=%s: got %s, want %s in it", c.key, c.value, got, c.want)
		}
	}
}

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		command *v1.CommandInfo
		want    string
	}{
		{&v1.CommandInfo{Value: proto.String("line")}, `["/bin/sh"] ["-c","line"]`},
		{&v1.CommandInfo{Shell: proto.Bool(false)}, `null null`},
		{&v1.CommandInfo{Shell: proto.Bool(false), Value: proto.String("p"), Arguments: []string{"a"}}, `null ["p","a"]`},
		{&v1.CommandInfo{Shell: proto.Bool(false), Arguments: []string{"a", "b"}}, `null ["a","b"]`},
	} {
		var s engine.Container
		Command(&s, c.command)
		e, _ := json.Marshal(s.Entrypoint)
		a, _ := json.Marshal(s.Cmd)
		if got := string(e) + " " + string(a); got != c.want {
			t.Errorf("%v: got %s, want %s", c.command, got, c.want)
		}
	}
}

func TestOrder(t *testing.T) {
	o := &Order{Socket: "/s", Name: Name("c"), Task: true, Container: &engine.Container{Image: "i", Env: []string{"A=b c"}}}
	entry, err := o.Entry()
	if err != nil {
		t.Fatal(err)
	}
	got, err := OrderFrom([]string{"X=y", entry})
	if err != nil || got.Name != "mesos-c" || !got.Task || got.Container.Env[0] != "A=b c" {
		t.Errorf("got %+v, %v, want what was put in", got, err)
	}
	for _, env := range [][]string{nil, {Variable + "={"}} {
		if _, err := OrderFrom(env); err == nil || !strings.Contains(err.Error(), Variable) {
			t.Errorf("%v: got %v, want an error that names %s", env, err, Variable)
		}
	}
}
