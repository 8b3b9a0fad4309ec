package allocator

import (
	"time"

	"mesos/messages/resources"
)

// Options are the settings of a [Core]. They do not change during its life.
type Options struct {
	// MinAllocatable are the smallest bundles worth an offer; what is offered
	// must contain at least one of them. nil means cpus:0.01 or mem:32 (MB); an
	// empty non-nil slice means that anything that is not empty is worth an offer.
	MinAllocatable []resources.Quantities
	// AllocationInterval is the shortest time for which a refusal holds.
	// 0 means one second.
	AllocationInterval time.Duration
	// FilterGPUResources keeps agents with GPUs from frameworks that do not
	// declare the GPU_RESOURCES capability.
	FilterGPUResources bool
	// RecoveryFactor is the share of the expected agents that ends the wait of
	// [Core.AwaitAgents], more than 0 and at most 1. 0 means 0.8.
	RecoveryFactor float64
	// RecoveryTimeout ends that wait in any case. 0 means 10 minutes.
	RecoveryTimeout time.Duration
	// Preempt lets [Core.Preempt] take resources back from frameworks that have the
	// REVOCABLE_RESOURCES capability, for those of higher priority.
	Preempt bool
	// FairShareExcluded names resources that do not count in dominant shares. It
	// is read by whoever makes the [Policy], see [PolicyOptions].
	FairShareExcluded []string
}

func (o Options) withDefaults() Options {
	if o.MinAllocatable == nil {
		o.MinAllocatable = []resources.Quantities{
			mustQuantities("cpus:0.01"),
			mustQuantities("mem:32"),
		}
	}
	if o.AllocationInterval <= 0 {
		o.AllocationInterval = time.Second
	}
	if o.RecoveryFactor <= 0 {
		o.RecoveryFactor = 0.8
	}
	if o.RecoveryTimeout <= 0 {
		o.RecoveryTimeout = 10 * time.Minute
	}
	return o
}

func mustQuantities(text string) resources.Quantities {
	q, err := resources.ParseQuantities(text)
	if err != nil {
		panic("allocator: built-in minimum: " + err.Error())
	}
	return q
}
