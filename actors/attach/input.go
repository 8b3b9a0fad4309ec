package attach

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/recordio"
)

// beat is how often the agent hears that an idle writer is there.
const beat = 30 * time.Second

// ErrDetached says that the user left by the keys for it.
var ErrDetached = errors.New("detached")

// detachKeys are Ctrl-P Ctrl-Q.
var detachKeys = []byte{0x10, 0x11}

// Stdin is what goes to a container. Each may be nil.
type Stdin struct {
	Data   io.Reader
	Sizes  <-chan Size // of the terminal
	Detach bool        // look for the keys in Data
}

// Size of a terminal, in characters.
type Size struct{ Rows, Columns uint16 }

// input sends Stdin to a container until ctx ends, the container takes no more
// (nil), or the user detaches. The end of Data is passed on.
func (a *Agent) input(ctx context.Context, id *v1.ContainerID, in Stdin) error {
	r, w := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := feed(ctx, w, id, in)
		w.CloseWithError(err)
		sent <- err
	}()
	resp, err := a.post(ctx, r, map[string]string{"Content-Type": httpapi.MediaRecordIO, "Message-Content-Type": httpapi.MediaProtobuf})
	_ = r.Close() // wakes the goroutine that feeds; never fails
	if err == nil {
		resp.Body.Close()
	}
	select {
	case e := <-sent:
		if errors.Is(e, ErrDetached) {
			return e
		}
	default:
	}
	return err
}

// feed writes the records. It does not wait for a reader of Data that hangs.
func feed(ctx context.Context, w io.Writer, id *v1.ContainerID, in Stdin) error {
	if err := send(w, &agentv1.Call_AttachContainerInput{Type: agentv1.Call_AttachContainerInput_CONTAINER_ID.Enum(), ContainerId: id}); err != nil {
		return err
	}
	select {
	case s := <-in.Sizes: // before the first key
		if err := send(w, s.message()); err != nil {
			return err
		}
	default:
	}
	data := make(chan []byte)
	go pump(ctx, in.Data, data)
	idle := time.NewTicker(beat)
	defer idle.Stop()
	leaving := false
	for {
		var p *agentv1.ProcessIO
		select {
		case b, more := <-data:
			if !more {
				b, data = nil, nil // an empty piece is the end
			}
			if in.Detach {
				if leaving && len(b) > 0 && b[0] == detachKeys[1] || bytes.Contains(b, detachKeys) {
					return ErrDetached
				}
				leaving = len(b) > 0 && b[len(b)-1] == detachKeys[0]
			}
			p = &agentv1.ProcessIO{Type: agentv1.ProcessIO_DATA.Enum(), Data: &agentv1.ProcessIO_Data{Type: agentv1.ProcessIO_Data_STDIN.Enum(), Data: b}}
		case s := <-in.Sizes:
			p = s.message().ProcessIo
		case <-idle.C:
			p = control(&agentv1.ProcessIO_Control{
				Type:      agentv1.ProcessIO_Control_HEARTBEAT.Enum(),
				Heartbeat: &agentv1.ProcessIO_Control_Heartbeat{Interval: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(beat))}},
			})
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := send(w, &agentv1.Call_AttachContainerInput{Type: agentv1.Call_AttachContainerInput_PROCESS_IO.Enum(), ProcessIo: p}); err != nil {
			return err
		}
	}
}

// pump reads until the end, and closes data then.
func pump(ctx context.Context, from io.Reader, data chan<- []byte) {
	defer close(data)
	if from == nil {
		return
	}
	for {
		b := make([]byte, 16<<10)
		n, err := from.Read(b)
		if n > 0 {
			select {
			case data <- b[:n]:
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func control(c *agentv1.ProcessIO_Control) *agentv1.ProcessIO {
	return &agentv1.ProcessIO{Type: agentv1.ProcessIO_CONTROL.Enum(), Control: c}
}

func (s Size) message() *agentv1.Call_AttachContainerInput {
	return &agentv1.Call_AttachContainerInput{
		Type:      agentv1.Call_AttachContainerInput_PROCESS_IO.Enum(),
		ProcessIo: control(&agentv1.ProcessIO_Control{Type: agentv1.ProcessIO_Control_TTY_INFO.Enum(), TtyInfo: s.info()}),
	}
}

func (s Size) info() *v1.TTYInfo {
	return &v1.TTYInfo{WindowSize: &v1.TTYInfo_WindowSize{Rows: proto.Uint32(uint32(s.Rows)), Columns: proto.Uint32(uint32(s.Columns))}}
}

func send(w io.Writer, in *agentv1.Call_AttachContainerInput) error {
	b, err := httpapi.Marshal(httpapi.Protobuf, &agentv1.Call{Type: agentv1.Call_ATTACH_CONTAINER_INPUT.Enum(), AttachContainerInput: in})
	if err != nil {
		return err
	}
	_, err = w.Write(recordio.Append(nil, b))
	return err
}
