package master

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

func TestUpdateFramework(t *testing.T) {
	s := stand(t, Config{NoRootSubmissions: true})
	id := s.framework(t, webFramework)
	for _, c := range []struct {
		name       string
		change     func(i *v1.FrameworkInfo)
		suppressed []string
		words      string // of the refusal; "" = it is taken
	}{
		{"no id", func(i *v1.FrameworkInfo) { i.Id = nil }, nil, "update_framework.framework_info.id"},
		{"another id", func(i *v1.FrameworkInfo) { i.Id = ids.Framework("other") }, nil, `"other"`},
		{"principal", func(i *v1.FrameworkInfo) { i.Principal = proto.String("bob") }, nil, `principal "bob" differs from "alice"`},
		{"user", func(i *v1.FrameworkInfo) { i.User = proto.String("daemon") }, nil, `user "daemon" differs from "nobody"`},
		{"checkpoint", func(i *v1.FrameworkInfo) { i.Checkpoint = proto.Bool(true) }, nil, "checkpoint true differs from false"},
		{"bad role", func(i *v1.FrameworkInfo) { i.Roles = []string{"a//b"} }, nil, "framework_info.roles[0]"},
		{"suppressed role that it has not", func(*v1.FrameworkInfo) {}, []string{"x"}, "suppressed_roles[0]"},
		{"name, roles and labels", func(i *v1.FrameworkInfo) {
			i.Name, i.Roles, i.Labels = proto.String("renamed"), []string{"x", "y"}, nil
		}, []string{"x"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			info := proto.CloneOf(webFramework)
			info.Id = ids.Framework(id)
			c.change(info)
			s.do(t, func() {
				f := s.frameworks[id]
				was := f.info
				ans := s.call(f, &schedulerv1.Call{Type: schedulerv1.Call_UPDATE_FRAMEWORK.Enum(), UpdateFramework: &schedulerv1.Call_UpdateFramework{
					FrameworkInfo: info, SuppressedRoles: c.suppressed,
				}})
				switch {
				case c.words == "" && (ans.Code != http.StatusOK || !proto.Equal(f.info, info)):
					t.Errorf("answered %d %q and is now %v, want 200 and the new info", ans.Code, ans.Text, f.info)
				case c.words != "" && (ans.Code != http.StatusBadRequest || !strings.Contains(ans.Text, c.words) || f.info != was):
					t.Errorf("answered %d %q, want 400 with %q and nothing changed", ans.Code, ans.Text, c.words)
				}
			})
		})
	}
}
