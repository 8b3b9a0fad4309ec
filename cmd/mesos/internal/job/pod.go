package job

import (
	"errors"
	"fmt"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// ofExecutor is what the executor of a pod takes: the least that a master allows.
var ofExecutor = need{{"cpus", resources.FromFloat(0.01)}, {"mem", resources.FromFloat(32)}}

func (o *Options) checkPod() error {
	if !o.Pod {
		if len(o.Share) > 0 {
			return errors.New("--share: only the tasks of a pod have directories in common; add --pod")
		}
		return nil
	}
	if o.Instances != 1 {
		return fmt.Errorf("--instances=%d: a pod runs once; write each of its tasks as one word behind --", o.Instances)
	}
	for i, line := range o.Args {
		if line == "" {
			return fmt.Errorf("word %d is empty: with --pod each word is a line for sh", i+1)
		}
	}
	for _, dir := range o.Share {
		if !filepath.IsLocal(dir) || filepath.Clean(dir) == "." {
			return fmt.Errorf("--share=%q: it must be a relative path within the sandbox", dir)
		}
	}
	return nil
}

// tasks is how many tasks the job has.
func (o *Options) tasks() int {
	if o.Pod {
		return len(o.Args)
	}
	return o.Instances
}

// atOnce is what an offer must have to be of use: room for an instance, or for all of a pod.
func (o *Options) atOnce() need {
	one := o.need()
	if !o.Pod {
		return one
	}
	all := append(need{}, one...)
	for i := range all {
		all[i].quantity *= resources.Quantity(o.tasks())
		for _, own := range ofExecutor {
			if own.name == all[i].name {
				all[i].quantity += own.quantity
			}
		}
	}
	return all
}

// commandOf is the command of an instance; of a pod each has its own.
func (p *plan) commandOf(i *instance) *v1.CommandInfo {
	if !p.o.Pod {
		return p.command
	}
	c := proto.CloneOf(p.command)
	c.Shell, c.Value, c.Arguments = proto.Bool(true), proto.String(p.o.Args[i.number]), nil
	return c
}

// shared is the container of a task of a pod that has directories in common with others, nil without.
func (o *Options) shared() *v1.ContainerInfo {
	if len(o.Share) == 0 {
		return nil
	}
	c := &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum()}
	for _, dir := range o.Share {
		c.Volumes = append(c.Volumes, &v1.Volume{
			ContainerPath: proto.String(dir), Mode: v1.Volume_RW.Enum(), Source: &v1.Volume_Source{
				Type:        v1.Volume_Source_SANDBOX_PATH.Enum(),
				SandboxPath: &v1.Volume_Source_SandboxPath{Type: v1.Volume_Source_SandboxPath_PARENT.Enum(), Path: proto.String(dir)},
			},
		})
	}
	return c
}

// executorID is that of the pod.
func (p *plan) executorID() string { return p.o.idPrefix() + "-" + p.unique }

// sandboxOf is the URL prefix of an instance's files.
func (p *plan) sandboxOf(i *instance, offer *v1.Offer) string {
	if p.o.Pod {
		return sandboxAt(offer, p.executorID(), "/tasks/"+i.taskID)
	}
	return sandboxURL(offer, i.taskID)
}

// takePod launches the pod on an offer that has room for all of it.
func (p *plan) takePod(l launch, left resources.Resources) launch {
	if p.count(waiting) < len(p.instances) {
		return l // it is launched, or its last launch is not told undone of all tasks yet
	}
	rest := left
	own, fits := pick(rest, ofExecutor)
	rest = rest.Sub(own)
	var parts []resources.Resources
	for range p.instances {
		part, ok := pick(rest, p.o.need())
		if fits = fits && ok; !fits {
			p.tooSmall(l.offer, left)
			return l
		}
		rest, parts = rest.Sub(part), append(parts, part)
	}
	for n, i := range p.instances {
		l.tasks = append(l.tasks, p.start(i, l.offer, parts[n]))
	}
	l.executor = &v1.ExecutorInfo{
		ExecutorId: ids.Executor(p.executorID()), Type: v1.ExecutorInfo_DEFAULT.Enum(), Name: proto.String(p.o.Name), Resources: own.Proto(),
	}
	return l
}
