package gpu

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Offer says which GPUs of a machine an agent offers, by their indices: those of
// --nvidia_gpu_devices, which must be as many as gpus in --resources; without that
// flag the first so many, or all where --resources does not name any (nil). Errors
// name the flag that is wrong.
func Offer(all []GPU, devices string, gpus *float64) ([]int, error) {
	chosen, err := indices(devices, len(all))
	switch {
	case err != nil:
		return nil, fmt.Errorf("flag --nvidia_gpu_devices: %w", err)
	case gpus == nil && chosen != nil:
		return nil, fmt.Errorf("flag --nvidia_gpu_devices: it needs gpus in --resources, too: want gpus:%d there", len(chosen))
	case gpus == nil:
		return first(len(all)), nil
	case *gpus != math.Trunc(*gpus):
		return nil, fmt.Errorf("flag --resources: gpus:%v: want a whole number", *gpus)
	case *gpus > float64(len(all)):
		return nil, fmt.Errorf("flag --resources: gpus:%v: this machine has %d", *gpus, len(all))
	case chosen == nil:
		return first(int(*gpus)), nil
	case len(chosen) != int(*gpus):
		return nil, fmt.Errorf("flag --nvidia_gpu_devices: it names %d and --resources has gpus:%v: want as many", len(chosen), *gpus)
	}
	return chosen, nil
}

func first(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// indices reads "0,2"; nil of an empty text.
func indices(text string, most int) (out []int, err error) {
	if text == "" {
		return nil, nil
	}
	seen := map[int]bool{}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 0 || n >= most {
			return nil, fmt.Errorf("%q: want indices below %d, the GPUs of this machine, as in 0,2", part, most)
		}
		if seen[n] {
			return nil, fmt.Errorf("%d is there twice: want each once", n)
		}
		seen[n] = true
		out = append(out, n)
	}
	return out, nil
}
