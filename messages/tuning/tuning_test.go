package tuning

import (
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func labels(pairs ...string) *v1.Labels {
	out := &v1.Labels{}
	for i := 0; i < len(pairs); i += 2 {
		out.Labels = append(out.Labels, &v1.Label{Key: proto.String(pairs[i]), Value: proto.String(pairs[i+1])})
	}
	return out
}

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		labels *v1.Labels
		want   Tuning
	}{
		{nil, Tuning{}},
		{labels("x", "0-3"), Tuning{}},
		{labels(CPUSet, "0-3,8", IOWeight, "500"), Tuning{CPUSet: "0-3,8", IOWeight: 500}},
		{labels(IOLimits, "read_bytes=10MB write_ops=200"), Tuning{IO: []IOLimit{{ReadBytes: 10 << 20, WriteOps: 200}}}},
		{labels(IOLimits, " write_bytes=1000 ; /dev/sdb read_ops=5  write_bytes=1KB"), Tuning{IO: []IOLimit{{WriteBytes: 1000}, {Disk: "/dev/sdb", ReadOps: 5, WriteBytes: 1024}}}},
	} {
		got, err := Of(tt.labels)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%v: got %+v, %v, want %+v", tt.labels, got, err, tt.want)
		}
	}
}

func TestOfRefuses(t *testing.T) {
	for _, tt := range []struct{ key, value, want string }{
		{CPUSet, "", "write one like 0-3,8"}, {CPUSet, "3-1", "3-1"}, {CPUSet, "0,,1", "0,,1"}, {CPUSet, "all", "all"}, {CPUSet, "0-99999999", "no list"}, {CPUSet, "-1", "no list"},
		{IOWeight, "9", "from 10 to 1000"}, {IOWeight, "1001", "from 10 to 1000"}, {IOWeight, "much", `"much"`}, {IOWeight, "", "no weight"},
		{IOLimits, "", "no bounds"}, {IOLimits, "/dev/sda", "no bounds"}, {IOLimits, "read_bytes=1MB;", "no bounds"}, {IOLimits, "bytes=1", `"bytes=1" is no bound`},
		{IOLimits, "read_bytes=0", `"read_bytes=0"`}, {IOLimits, "read_bytes", `"read_bytes"`}, {IOLimits, "read_ops=-1", `"read_ops=-1"`}, {IOLimits, "write_ops=1MB", `"write_ops=1MB"`},
		{IOLimits, "read_bytes=1 ; write_bytes=1", "two lists"}, {IOLimits, "read_bytes=1 sdb", `"sdb"`},
	} {
		_, err := Of(labels(tt.key, tt.value))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.key) {
			t.Errorf("%s=%q: got %v, want an error with %q", tt.key, tt.value, err, tt.want)
		}
	}
}
