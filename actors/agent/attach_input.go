package agent

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"mesos/actors/agent/validation"
	"mesos/actors/containerizer"
	"mesos/actors/httpapi"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// maxInputRecord bounds one record of a streaming request, in bytes.
const maxInputRecord = 4 << 20

// streamingAPI serves a call whose request is a stream of records:
// ATTACH_CONTAINER_INPUT, and no other.
func (h *HTTP) streamingAPI(w http.ResponseWriter, r *http.Request) {
	records, ok := httpapi.ReadRecords(w, r, maxInputRecord)
	if !ok {
		return
	}
	call := &agentv1.Call{}
	if err := records.Read(call); err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The first record is not a call: %v.", err)
		return
	}
	in, why := call.GetAttachContainerInput(), ""
	switch {
	case call.Type == nil:
		why = "Expecting 'type' to be present."
	case call.GetType() != agentv1.Call_ATTACH_CONTAINER_INPUT:
		httpapi.Errorf(w, http.StatusUnsupportedMediaType, "Streaming 'Content-Type' %s is not supported for a call of type %s.", httpapi.MediaRecordIO, call.GetType())
		return
	case in == nil:
		why = "Expecting 'attach_container_input' to be present."
	case in.GetType() != agentv1.Call_AttachContainerInput_CONTAINER_ID:
		why = "Expecting 'attach_container_input.type' of the first record to be CONTAINER_ID."
	case in.GetContainerId() == nil:
		why = "Expecting 'attach_container_input.container_id' to be present in the first record."
	default:
		if err := validation.ContainerID(in.GetContainerId()); err != nil {
			why = fmt.Sprintf("attach_container_input.%v.", err)
		}
	}
	if why != "" {
		httpapi.Errorf(w, http.StatusBadRequest, "%s", why)
		return
	}
	if why := notTheirs(r.Context(), call); why != "" {
		httpapi.Errorf(w, http.StatusForbidden, "%s", why)
		return
	}
	if _, ok := chooseForm(w, r, call); !ok || !h.mayContain(w, r, call, in.GetContainerId()) {
		return
	}
	h.attachInput(w, records, in)
}

func (h *HTTP) attachInput(w http.ResponseWriter, records *httpapi.Records, first *agentv1.Call_AttachContainerInput) {
	key, refused := h.attachable(first.GetContainerId())
	if refused != nil {
		httpapi.Errorf(w, refused.Code, "%s", refused.Text)
		return
	}
	in, err := h.agent.conf.Containerizer.AttachInput(key)
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "Container %s: %v.", key, err)
		return
	}
	ended := in.Ended()
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() { // ends with the writer
		defer close(watched)
		select {
		case <-ended:
			records.Interrupt() // the container takes no more: do not wait for the client
		case <-h.agent.ctx.Done():
			records.Interrupt()
		case <-done:
		}
	}()
	why := copyInput(in, records)
	gone := false
	select {
	case <-ended:
		gone = true
	default:
	}
	in.Close()
	close(done)
	<-watched
	<-ended
	if why != nil && !gone {
		httpapi.Errorf(w, http.StatusBadRequest, "attach_container_input: %v.", why)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// copyInput carries records to a container until the request ends (nil), is not
// what it should be, or the container takes no more.
func copyInput(in containerizer.Input, records *httpapi.Records) error {
	for {
		call := &agentv1.Call{}
		if err := records.Read(call); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		msg := call.GetAttachContainerInput()
		if call.GetType() != agentv1.Call_ATTACH_CONTAINER_INPUT || msg.GetType() != agentv1.Call_AttachContainerInput_PROCESS_IO || msg.GetProcessIo() == nil {
			return errors.New("every record after the first must be of type ATTACH_CONTAINER_INPUT with a process_io")
		}
		if err := carry(in, msg.GetProcessIo()); err != nil {
			return err
		}
	}
}

func carry(in containerizer.Input, p *agentv1.ProcessIO) error {
	switch p.GetType() {
	case agentv1.ProcessIO_DATA:
		d := p.GetData()
		if d.GetType() != agentv1.ProcessIO_Data_STDIN {
			return fmt.Errorf("process_io.data.type is %s: it must be STDIN", d.GetType())
		}
		if len(d.GetData()) == 0 {
			return in.End()
		}
		_, err := in.Write(d.GetData())
		return err
	case agentv1.ProcessIO_CONTROL:
		return control(in, p.GetControl())
	}
	return fmt.Errorf("process_io.type is %s: it must be DATA or CONTROL", p.GetType())
}

func control(in containerizer.Input, c *agentv1.ProcessIO_Control) error {
	switch c.GetType() {
	case agentv1.ProcessIO_Control_HEARTBEAT:
		return nil
	case agentv1.ProcessIO_Control_TTY_INFO:
		const most = 1<<16 - 1
		size := c.GetTtyInfo().GetWindowSize()
		if size == nil {
			return errors.New("process_io.control.tty_info.window_size must be present")
		}
		if size.GetRows() > most || size.GetColumns() > most {
			return fmt.Errorf("process_io.control.tty_info.window_size is %d rows and %d columns: at most %d are allowed", size.GetRows(), size.GetColumns(), most)
		}
		return in.Resize(uint16(size.GetRows()), uint16(size.GetColumns()))
	}
	return fmt.Errorf("process_io.control.type is %s: it must be TTY_INFO or HEARTBEAT", c.GetType())
}
