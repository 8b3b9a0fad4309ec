package chronos

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/chronos/job"
	"mesos/actors/chronos/plan"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
)

// taskInfo is a try as the cluster launches it. Resources are filled in by what an offer has.
func taskInfo(j *job.Job, r *plan.Run, t plan.Try) *v1.TaskInfo {
	info := &v1.TaskInfo{
		Name: proto.String("ChronosTask:" + string(j.Name)), TaskId: ids.Task(t.TaskID), AgentId: ids.Agent(t.AgentID),
	}
	if s := j.MaxCompletionTime; s > 0 {
		info.MaxCompletionTime = &v1.DurationInfo{Nanoseconds: proto.Int64(int64(float64(s) * float64(time.Second)))}
	}
	if j.Executor != "" {
		executor := &v1.ExecutorInfo{
			Type: v1.ExecutorInfo_CUSTOM.Enum(), ExecutorId: ids.Executor(string(j.Name)), Name: proto.String(string(j.Name)),
			Command: commandInfo(j, nil, t, string(j.Executor)), Container: containerInfo(j.Container),
		}
		info.Executor, info.Data = executor, executorData(j)
		return info
	}
	info.Command, info.Container = commandInfo(j, r, t, string(j.Command)), containerInfo(j.Container)
	if !bool(j.Shell) {
		words := append([]string{string(j.Command)}, texts(j.Arguments)...) // the first is the name that the program sees
		info.Command.Shell, info.Command.Arguments = proto.Bool(false), append(words, strings.Fields(r.Arguments)...)
	} else if r.Arguments != "" {
		info.Command.Value = proto.String(info.Command.GetValue() + " " + r.Arguments)
	}
	return info
}

func texts(in []job.Text) (out []string) {
	for _, t := range in {
		out = append(out, string(t))
	}
	return out
}

// executorData is what a custom executor is told to do.
func executorData(j *job.Job) []byte {
	if j.TaskInfoData != "" {
		return []byte(j.TaskInfoData)
	}
	return []byte(strings.TrimSpace(string(j.ExecutorFlags) + " " + string(j.Command)))
}

// commandInfo is a shell line with what belongs to it; r is nil for an executor, which is the same for all runs. A line that
// is a URL is a program to fetch.
func commandInfo(j *job.Job, r *plan.Run, t plan.Try, line string) *v1.CommandInfo {
	c := &v1.CommandInfo{Environment: environment(j, r, t)}
	if line != "" {
		c.Value = proto.String(line)
	}
	if j.RunAsUser != "" {
		c.User = proto.String(string(j.RunAsUser))
	}
	if strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://") || strings.HasPrefix(line, "ftp://") {
		c.Uris = append(c.Uris, &v1.CommandInfo_URI{Value: proto.String(line), Executable: proto.Bool(true)})
		c.Value = proto.String("'./" + strings.ReplaceAll(path.Base(line), "'", "") + "'")
	}
	for _, f := range j.Fetch {
		uri := &v1.CommandInfo_URI{
			Value: proto.String(string(f.URI)), Executable: proto.Bool(bool(f.Executable)), Cache: proto.Bool(bool(f.Cache)),
			Extract: proto.Bool(f.Extract == nil || bool(*f.Extract)),
		}
		if f.OutputFile != "" {
			uri.OutputFile = proto.String(string(f.OutputFile))
		}
		c.Uris = append(c.Uris, uri)
	}
	return c
}

// environment is what Chronos tells its tasks, and then what the job says, which does not replace it. An executor is told
// nothing of one run: it may stay for the next one, and a cluster refuses an executor that differs from one that runs under
// its name.
func environment(j *job.Job, r *plan.Run, t plan.Try) *v1.Environment {
	e := &v1.Environment{}
	known := map[string]bool{}
	set := func(name, value string) {
		if !known[name] {
			known[name] = true
			e.Variables = append(e.Variables, &v1.Environment_Variable{Name: &name, Value: &value, Type: v1.Environment_Variable_VALUE.Enum()})
		}
	}
	amount := func(n job.Number) string { return strconv.FormatFloat(float64(n), 'f', -1, 64) }
	if r != nil {
		set("mesos_task_id", t.TaskID)
	}
	set("CHRONOS_JOB_OWNER", string(j.Owner))
	set("CHRONOS_JOB_NAME", string(j.Name))
	set("HOST", t.Host)
	set("CHRONOS_RESOURCE_MEM", amount(j.Mem))
	set("CHRONOS_RESOURCE_CPU", amount(j.CPUs))
	set("CHRONOS_RESOURCE_DISK", amount(j.Disk))
	if r != nil {
		set("CHRONOS_JOB_RUN_TIME", fmt.Sprint(r.Due.UnixMilli()))
		set("CHRONOS_JOB_RUN_ATTEMPT", fmt.Sprint(r.Attempt))
	}
	for _, v := range j.EnvironmentVariables {
		set(string(v.Name), string(v.Value))
	}
	return e
}

// containerInfo is the image of a job, nil if it has none.
func containerInfo(c *job.Container) *v1.ContainerInfo {
	if c == nil {
		return nil
	}
	info := &v1.ContainerInfo{Volumes: volumes(c.Volumes), NetworkInfos: networks(c)}
	image := proto.String(string(c.Image))
	if c.Type == "MESOS" {
		info.Type = v1.ContainerInfo_MESOS.Enum()
		info.Mesos = &v1.ContainerInfo_MesosInfo{Image: &v1.Image{
			Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: image}, Cached: proto.Bool(!bool(c.ForcePullImage)),
		}}
		return info
	}
	info.Type = v1.ContainerInfo_DOCKER.Enum()
	info.Docker = &v1.ContainerInfo_DockerInfo{
		Image: image, ForcePullImage: proto.Bool(bool(c.ForcePullImage)),
		Network: v1.ContainerInfo_DockerInfo_Network(v1.ContainerInfo_DockerInfo_Network_value[string(c.Network)]).Enum(),
	}
	for _, p := range c.Parameters {
		info.Docker.Parameters = append(info.Docker.Parameters, parameter(p))
	}
	return info
}

func parameter(p job.Pair) *v1.Parameter {
	return &v1.Parameter{Key: proto.String(string(p.Key)), Value: proto.String(string(p.Value))}
}

func networks(c *job.Container) (out []*v1.NetworkInfo) {
	if c.NetworkName != "" {
		out = append(out, &v1.NetworkInfo{Name: proto.String(string(c.NetworkName))})
	}
	for _, n := range c.NetworkInfos {
		info := &v1.NetworkInfo{Name: proto.String(string(n.Name)), Labels: &v1.Labels{}}
		for _, l := range n.Labels {
			info.Labels.Labels = append(info.Labels.Labels, &v1.Label{Key: proto.String(string(l.Key)), Value: proto.String(string(l.Value))})
		}
		out = append(out, info)
	}
	return out
}

func volumes(in []job.Volume) (out []*v1.Volume) {
	for _, v := range in {
		volume := &v1.Volume{ContainerPath: proto.String(string(v.ContainerPath)), Mode: v1.Volume_RW.Enum()}
		if v.Mode == "RO" {
			volume.Mode = v1.Volume_RO.Enum()
		}
		if v.HostPath != "" {
			volume.HostPath = proto.String(string(v.HostPath))
		}
		if e := v.External; e != nil {
			driver := &v1.Volume_Source_DockerVolume{Driver: proto.String(string(e.Provider)), Name: proto.String(string(e.Name)), DriverOptions: &v1.Parameters{}}
			for _, o := range e.Options {
				driver.DriverOptions.Parameter = append(driver.DriverOptions.Parameter, parameter(o))
			}
			volume.Source = &v1.Volume_Source{Type: v1.Volume_Source_DOCKER_VOLUME.Enum(), DockerVolume: driver}
		}
		out = append(out, volume)
	}
	return out
}
