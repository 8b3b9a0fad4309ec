package carry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"mesos/actors/attach"
	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
)

// terminalPath is below that of an agent: a web socket to a terminal beside a container.
const terminalPath = "/terminal"

const (
	// maxTerminals bounds the terminals that are open at a time.
	maxTerminals = 64
	// maxKeys bounds one message from a browser, in bytes: what a person pastes.
	maxKeys = 1 << 20
	// terminalGrace is how long one write to a browser may hang.
	terminalGrace = 30 * time.Second
)

// terminalMessage is what travels beside the bytes of a terminal, as text: from
// the browser its size, to the browser how the session ended.
type terminalMessage struct {
	Rows    uint16 `json:"rows,omitempty"`
	Columns uint16 `json:"columns,omitempty"`

	Ended  bool   `json:"ended,omitempty"`
	Status *int   `json:"status,omitempty"` // exit status, if the command ended by itself
	Error  string `json:"error,omitempty"`
}

// terminal serves /agent/ID/terminal?container=A.B&command=sh: a command with a
// terminal beside that container, or with attach=1 the container's own terminal.
// A browser cannot stream a request, so bytes come and go by web socket, as
// binary messages; the agent is asked as `mesos exec` and `mesos attach` do.
// Only pages of this master may open one: the library compares origins.
func (c *Carrier) terminal(w http.ResponseWriter, r *http.Request, addr string) {
	q := r.URL.Query()
	container := containerNamed(q.Get("container"))
	if container == nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The parameter container is %.100q: it must be the id of a container, those around it first, with points between.", q.Get("container"))
		return
	}
	select {
	case c.terminals <- struct{}{}:
		defer func() { <-c.terminals }()
	default:
		httpapi.Errorf(w, http.StatusServiceUnavailable, "%d terminals are open already: close one.", maxTerminals)
		return
	}
	httpapi.Raw(w)
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // it has answered
	}
	ws.SetReadLimit(maxKeys)
	ctx, cancel := c.untilStop(r.Context())
	defer cancel()
	t := &terminalBridge{ws: ws, sizes: make(chan attach.Size, 1), read: make(chan struct{})}
	agent := attach.New(addr, authentication.CredentialOf(r), c.by)
	defer agent.Close()
	end := t.run(ctx, agent, container, q.Get("attach") != "", commandOf(q.Get("command")))
	t.say(end)
	_ = ws.Close(websocket.StatusNormalClosure, "") // it may be gone
	cancel()
	<-t.read
}

// containerNamed reads "A.B", B being nested in A; nil for what is no id.
func containerNamed(text string) *v1.ContainerID {
	var id *v1.ContainerID
	for part := range strings.SplitSeq(text, ".") {
		if part == "" {
			return nil
		}
		id = &v1.ContainerID{Value: proto.String(part), Parent: id}
	}
	return id
}

// commandOf is what a person asked for: a shell, unless something is named.
func commandOf(text string) *v1.CommandInfo {
	if text == "" {
		return &v1.CommandInfo{Shell: proto.Bool(false), Value: proto.String("sh"), Arguments: []string{"sh"}}
	}
	return &v1.CommandInfo{Shell: proto.Bool(true), Value: &text}
}

// terminalBridge is one open terminal.
type terminalBridge struct {
	ws    *websocket.Conn
	sizes chan attach.Size // the newest
	read  chan struct{}    // closed when nothing is read from the browser any more
}

// run lasts as long as the session, or the browser. Reading goes on behind it:
// to give up a read is to give up the connection, on which the end is to be told.
func (t *terminalBridge) run(outer context.Context, agent *attach.Agent, container *v1.ContainerID, own bool, command *v1.CommandInfo) terminalMessage {
	ctx, cancel := context.WithCancel(outer)
	defer cancel()
	keys, typed := io.Pipe()
	defer func() { _ = keys.Close() }() // wakes the reader; never fails
	first := make(chan attach.Size, 1)
	go func() {
		defer close(t.read)
		err := t.take(outer, typed, first)
		_ = typed.CloseWithError(err) // never fails
		cancel()                      // the browser has gone
	}()
	var size attach.Size
	select {
	case size = <-first:
	case <-ctx.Done():
		return terminalMessage{Ended: true}
	}
	out := &terminalOutput{ctx, t.ws}
	stdin := attach.Stdin{Data: keys, Sizes: t.sizes}
	if own {
		select {
		case t.sizes <- size:
		default: // there is a newer one
		}
		return ended(nil, agent.Attach(ctx, container, stdin, out, out))
	}
	id := &v1.ContainerID{Value: proto.String(uuid.NewString()), Parent: container}
	status, known, err := agent.Run(ctx, attach.Session{ID: id, Command: command, TTY: &size, Stdin: stdin, Stdout: out, Stderr: out})
	if !known {
		return ended(nil, err)
	}
	ws := syscall.WaitStatus(status)
	code := ws.ExitStatus()
	if ws.Signaled() {
		code = 128 + int(ws.Signal())
	}
	return ended(&code, err)
}

func ended(status *int, err error) terminalMessage {
	m := terminalMessage{Ended: true, Status: status}
	if err != nil && !errors.Is(err, context.Canceled) {
		m.Error = err.Error()
	}
	return m
}

// take reads what the browser sends until it goes. The first size goes to first, later ones to sizes.
func (t *terminalBridge) take(ctx context.Context, typed io.Writer, first chan<- attach.Size) error {
	opened := false
	for {
		kind, data, err := t.ws.Read(ctx)
		if err != nil {
			return io.EOF
		}
		if kind == websocket.MessageBinary {
			if _, err := typed.Write(data); err != nil {
				return err
			}
			continue
		}
		var m terminalMessage
		if err := json.Unmarshal(data, &m); err != nil || m.Rows == 0 || m.Columns == 0 {
			return fmt.Errorf("terminal: message %.60q has no rows and columns", data)
		}
		size := attach.Size{Rows: m.Rows, Columns: m.Columns}
		if !opened {
			opened = true
			first <- size
			continue
		}
		select {
		case <-t.sizes: // an older one that nobody took
		default:
		}
		t.sizes <- size
	}
}

func (t *terminalBridge) say(m terminalMessage) {
	text, err := json.Marshal(m)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = t.ws.Write(ctx, websocket.MessageText, text) // the browser may have gone
}

// terminalOutput writes what a command writes to the browser.
type terminalOutput struct {
	ctx context.Context
	ws  *websocket.Conn
}

func (o *terminalOutput) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	ctx, cancel := context.WithTimeout(o.ctx, terminalGrace)
	defer cancel()
	if err := o.ws.Write(ctx, websocket.MessageBinary, p); err != nil {
		return 0, err
	}
	return len(p), nil
}
