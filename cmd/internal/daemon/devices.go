package daemon

import (
	"fmt"

	"mesos/cmd/flags"
	"mesos/isolators/rights"
)

// devicesFrom reads which devices containers get beside the usual ones: linux/devices puts
// them into roots, cgroups/devices lets them be opened.
func devicesFrom(f *flags.Set, s *IsolationSettings) (err error) {
	text := f.String("allowed_devices")
	if text == "" {
		return nil
	}
	if s.Options.Devices, err = rights.ParseDevices(text); err != nil {
		return fmt.Errorf("flag --allowed_devices: %w", err)
	}
	for _, d := range s.Options.Devices {
		s.Options.Cgroups.Devices = append(s.Options.Cgroups.Devices, d.Device)
	}
	return nil
}
