package daemon

import (
	"errors"
	"fmt"
	"strconv"

	"mesos/cmd/flags"
	"mesos/isolators/catalog"
	"mesos/isolators/gpu"
	"mesos/messages/resources"
)

// gpusFrom settles which GPUs an agent offers, and adds them to resources that do
// not name any.
func gpusFrom(f *flags.Set, s *IsolationSettings, res resources.Resources) (resources.Resources, error) {
	devices := f.String("nvidia_gpu_devices")
	if !catalog.GivesGPUs(s.List) {
		if devices != "" {
			return res, errors.New("flag --nvidia_gpu_devices: it needs --isolation with gpu/nvidia")
		}
		return res, nil
	}
	root := f.String("nvidia_root")
	all, err := gpu.Find(root)
	if err != nil {
		return res, fmt.Errorf("flag --isolation: gpu/nvidia: %w", err)
	}
	var named *float64
	if n := res.GPUs().Float(); n > 0 || zeroNames(f.String("resources"))["gpus"] {
		named = &n
	}
	offered, err := gpu.Offer(all, devices, named)
	if err != nil {
		return res, err
	}
	if s.Options.GPU.Pool, err = gpu.NewPool(root, offered); err != nil || named != nil || len(all) == 0 {
		return res, err
	}
	own, err := resources.Parse("gpus:"+strconv.Itoa(len(all)), f.String("default_role"))
	return res.Add(own), err
}
