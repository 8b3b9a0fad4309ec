package throttle

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func TestCheck(t *testing.T) {
	one := func(qps float64) *v1.RateLimits {
		return &v1.RateLimits{Limits: []*v1.RateLimit{{Principal: proto.String("slow"), Qps: &qps, Capacity: proto.Uint64(1)}}}
	}
	for _, c := range []struct {
		limits *v1.RateLimits
		words  string // of the error; "" = none
	}{
		{one(2), ""},
		{&v1.RateLimits{}, ""},
		{one(0), "limits[0].qps is 0"},
		{&v1.RateLimits{Limits: []*v1.RateLimit{{Principal: proto.String("")}}}, "limits[0].principal"},
		{&v1.RateLimits{Limits: []*v1.RateLimit{{Principal: proto.String("a")}, {Principal: proto.String("a")}}}, "limits[1].principal"},
		{&v1.RateLimits{AggregateDefaultCapacity: proto.Uint64(1)}, "aggregate_default_qps"},
	} {
		if err := Check(c.limits); (err == nil) != (c.words == "") || !strings.Contains(fmt.Sprint(err), c.words) && err != nil {
			t.Errorf("%v: got %v, want an error with %q", c.limits, err, c.words)
		}
	}
}
