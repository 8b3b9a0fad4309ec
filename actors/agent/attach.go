package agent

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/containerizer"
	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// attachable finds a container that can be attached to: an executor's or an
// inner one.
func (h *HTTP) attachable(id *v1.ContainerID) (string, *containerAnswer) {
	key := innerKey(id)
	a := h.agent
	ans, err := actors.Call(a.p, func() *containerAnswer {
		c := a.inner[key]
		switch {
		case a.recovering:
			return &containerAnswer{Code: http.StatusServiceUnavailable, Text: "The agent is recovering."}
		case c != nil && c.state == innerEnded:
			return &containerAnswer{Code: http.StatusBadRequest, Text: fmt.Sprintf("Container %s cannot be attached to: it has ended.", key)}
		case c == nil && a.executorWith(key) == nil:
			missing := noContainer(id)
			return &missing
		}
		return nil
	})
	if err != nil {
		return key, &containerAnswer{Code: http.StatusServiceUnavailable, Text: "The agent is stopping."}
	}
	return key, ans
}

// attachOutput streams what a container writes.
func (h *HTTP) attachOutput(w http.ResponseWriter, r *http.Request, call *agentv1.Call, f form) {
	key, refused := h.attachable(call.GetAttachContainerOutput().GetContainerId())
	if refused != nil {
		httpapi.Errorf(w, refused.Code, "%s", refused.Text)
		return
	}
	out, err := h.agent.conf.Containerizer.AttachOutput(key)
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "Container %s: %v.", key, err)
		return
	}
	defer out.Close()
	h.streamOutput(w, r, out, f)
}

// session streams what a session writes. The connection is its life: the shim
// ends it with its first reader, also when this agent dies.
func (h *HTTP) session(w http.ResponseWriter, r *http.Request, call *agentv1.Call, f form) {
	key := innerKey(call.GetLaunchNestedContainerSession().GetContainerId())
	out, err := h.agent.conf.Containerizer.AttachOutput(key)
	if err != nil {
		h.agent.conf.Containerizer.Destroy(key)
		httpapi.Errorf(w, http.StatusBadRequest, "Container %s: %v.", key, err)
		return
	}
	h.streamOutput(w, r, out, f)
	out.Close()
	h.agent.conf.Containerizer.Destroy(key)
}

// chunk is a piece of output on its way to the client.
type chunk struct {
	io  *agentv1.ProcessIO
	err error
}

// streamOutput writes records until the output ends, or the client goes. An
// output that breaks off breaks off the connection.
func (h *HTTP) streamOutput(w http.ResponseWriter, r *http.Request, out containerizer.Output, f form) {
	s := httpapi.NewRecords(w, f.kind, f.recordIO)
	chunks := make(chan chunk)
	left := make(chan struct{})
	defer close(left)
	go readOutput(out, chunks, left) // ends when out is closed
	beat := time.NewTicker(h.agent.conf.IOHeartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case c := <-chunks:
			if errors.Is(c.err, io.EOF) {
				return
			}
			if err = c.err; err == nil {
				err = s.Write(c.io)
			}
		case <-beat.C:
			err = s.Write(heartbeat(h.agent.conf.IOHeartbeat))
		case <-r.Context().Done():
			return
		case <-h.agent.ctx.Done():
			err = actors.ErrStopped
		}
		if err != nil {
			h.agent.log.Info("attached reader is given up", "error", err)
			s.Abort()
			return
		}
	}
}

func readOutput(out containerizer.Output, chunks chan<- chunk, left <-chan struct{}) {
	for {
		data, stderr, err := out.Next()
		c := chunk{err: err}
		if err == nil {
			kind := agentv1.ProcessIO_Data_STDOUT
			if stderr {
				kind = agentv1.ProcessIO_Data_STDERR
			}
			c.io = &agentv1.ProcessIO{Type: agentv1.ProcessIO_DATA.Enum(), Data: &agentv1.ProcessIO_Data{Type: kind.Enum(), Data: append([]byte(nil), data...)}}
		}
		select {
		case chunks <- c:
		case <-left:
			return
		}
		if err != nil {
			return
		}
	}
}

func heartbeat(interval time.Duration) *agentv1.ProcessIO {
	return &agentv1.ProcessIO{Type: agentv1.ProcessIO_CONTROL.Enum(), Control: &agentv1.ProcessIO_Control{
		Type:      agentv1.ProcessIO_Control_HEARTBEAT.Enum(),
		Heartbeat: &agentv1.ProcessIO_Control_Heartbeat{Interval: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(interval))}},
	}}
}
