package live

import "mesos/messages/resources"

// Sums are of the whole cluster at one moment.
type Sums struct {
	Total, Used, Offered Amounts
}

func (s *sum) plus(a Amounts) {
	for i, f := range [4]float64{a.CPUs, a.Mem, a.Disk, a.GPUs} {
		s[i] += resources.FromFloat(f)
	}
}

// History is the newest sums, oldest first, in columns that a chart can draw.
type History struct {
	Times   []float64 `json:"times"` // seconds since 1970
	Total   columns   `json:"total"`
	Used    columns   `json:"used"`
	Offered columns   `json:"offered"`

	max int
}

type columns struct {
	CPUs []float64 `json:"cpus"`
	Mem  []float64 `json:"mem"`
	Disk []float64 `json:"disk"`
	GPUs []float64 `json:"gpus"`
}

// NewHistory keeps at most max samples.
func NewHistory(max int) *History { return &History{max: max} }

// Add takes a sample of a moment, in seconds since 1970.
func (h *History) Add(at float64, s Sums) {
	h.Times = push(h.Times, at, h.max)
	h.Total.add(s.Total, h.max)
	h.Used.add(s.Used, h.max)
	h.Offered.add(s.Offered, h.max)
}

func (c *columns) add(a Amounts, most int) {
	c.CPUs, c.Mem, c.Disk, c.GPUs = push(c.CPUs, a.CPUs, most), push(c.Mem, a.Mem, most), push(c.Disk, a.Disk, most), push(c.GPUs, a.GPUs, most)
}

func push(list []float64, v float64, most int) []float64 {
	list = append(list, v)
	return list[max(0, len(list)-most):]
}
