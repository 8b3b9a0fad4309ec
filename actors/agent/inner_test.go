package agent

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer"
	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

func TestInnerKey(t *testing.T) {
	for _, key := range []string{"a", "a.b", "a.b.c"} {
		if got := innerKey(containerID(key)); got != key {
			t.Errorf("got %q, want %q", got, key)
		}
	}
	if got := outerKey("a.b.c") + " " + outerKey("a") + " " + rootKey("a.b.c"); got != "a.b  a" {
		t.Errorf("got %q, want the outer and the outermost keys", got)
	}
}

func TestWaitResponse(t *testing.T) {
	killed := containerAnswer{Code: 200, Exit: &containerizer.Exit{Status: 9, Message: "killed", Reason: v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY, HasReason: true}}
	unknown := containerAnswer{Code: 200, Exit: &containerizer.Exit{Status: containerizer.UnknownStatus, Message: "nobody knows"}}
	for _, tt := range []struct {
		ans  containerAnswer
		call agentv1.Call_Type
		want string
	}{
		{killed, agentv1.Call_WAIT_CONTAINER, `{"type":"WAIT_CONTAINER","wait_container":{"exit_status":9,"reason":"REASON_CONTAINER_LIMITATION_MEMORY","message":"killed"}}`},
		{killed, agentv1.Call_WAIT_NESTED_CONTAINER, `{"type":"WAIT_NESTED_CONTAINER","wait_nested_container":{"exit_status":9,"reason":"REASON_CONTAINER_LIMITATION_MEMORY","message":"killed"}}`},
		{unknown, agentv1.Call_WAIT_CONTAINER, `{"type":"WAIT_CONTAINER","wait_container":{"message":"nobody knows"}}`},
	} {
		b, err := httpapi.Marshal(httpapi.JSON, tt.ans.response(tt.call))
		if err != nil || string(b) != tt.want {
			t.Errorf("got %s, %v, want %s", b, err, tt.want)
		}
	}
	if r := (containerAnswer{Code: 200}).response(agentv1.Call_KILL_CONTAINER); r != nil {
		t.Errorf("a kill: got %v, want no response", r)
	}
}

// writes records what reaches a container.
type writes struct{ said []string }

func (w *writes) Write(b []byte) (int, error) {
	w.said = append(w.said, string(b))
	return len(b), nil
}
func (w *writes) End() error                        { w.said = append(w.said, "EOF"); return nil }
func (w *writes) Resize(rows, columns uint16) error { w.said = append(w.said, "resized"); return nil }
func (w *writes) Ended() <-chan struct{}            { return nil }
func (w *writes) Close()                            {}

func TestCarry(t *testing.T) {
	data := func(k agentv1.ProcessIO_Data_Type, s string) *agentv1.ProcessIO {
		return &agentv1.ProcessIO{Type: agentv1.ProcessIO_DATA.Enum(), Data: &agentv1.ProcessIO_Data{Type: k.Enum(), Data: []byte(s)}}
	}
	size := func(rows uint32) *agentv1.ProcessIO {
		return &agentv1.ProcessIO{Type: agentv1.ProcessIO_CONTROL.Enum(), Control: &agentv1.ProcessIO_Control{
			Type:    agentv1.ProcessIO_Control_TTY_INFO.Enum(),
			TtyInfo: &v1.TTYInfo{WindowSize: &v1.TTYInfo_WindowSize{Rows: proto.Uint32(rows), Columns: proto.Uint32(80)}},
		}}
	}
	for _, tt := range []struct {
		name string
		p    *agentv1.ProcessIO
		want string
		says string
	}{
		{"data", data(agentv1.ProcessIO_Data_STDIN, "hi"), "hi", ""},
		{"end", data(agentv1.ProcessIO_Data_STDIN, ""), "EOF", ""},
		{"output", data(agentv1.ProcessIO_Data_STDOUT, "hi"), "", "STDIN"},
		{"size", size(24), "resized", ""},
		{"huge", size(1 << 20), "", "at most 65535"},
		{"beat", heartbeat(1), "", ""},
		{"no size", &agentv1.ProcessIO{Type: agentv1.ProcessIO_CONTROL.Enum(), Control: &agentv1.ProcessIO_Control{Type: agentv1.ProcessIO_Control_TTY_INFO.Enum()}}, "", "window_size"},
		{"no control", &agentv1.ProcessIO{Type: agentv1.ProcessIO_CONTROL.Enum()}, "", "TTY_INFO or HEARTBEAT"},
		{"nothing", &agentv1.ProcessIO{}, "", "DATA or CONTROL"},
	} {
		w := &writes{}
		err := carry(w, tt.p)
		if got := strings.Join(w.said, " "); got != tt.want || (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %q, %v, want %q and an error with %q", tt.name, got, err, tt.want, tt.says)
		}
	}
}
