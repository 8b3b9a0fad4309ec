package link

import (
	"io"
	"log/slog"
	"net"
	"sync"
)

// httpSide is the net.Listener that the HTTP server sees: it gets the connections that turned out not to be links.
type httpSide struct {
	server HTTPServer
	addr   net.Addr
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newHTTPSide(server HTTPServer, addr net.Addr) *httpSide {
	return &httpSide{server: server, addr: addr, conns: make(chan net.Conn), closed: make(chan struct{})}
}

// offer waits until the server takes c.
func (h *httpSide) offer(c net.Conn) error {
	select {
	case h.conns <- c:
		return nil
	case <-h.closed:
		return net.ErrClosed
	}
}

// Accept is called by the server.
func (h *httpSide) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

// Close may be called by the server; the port itself stays open for links.
func (h *httpSide) Close() error {
	h.once.Do(func() { close(h.closed) })
	return nil
}

// Addr is the address listened on.
func (h *httpSide) Addr() net.Addr { return h.addr }

func (h *httpSide) close() {
	_ = h.Close()
	_ = h.server.Close()
}

// serveHTTP runs the server until Close.
func (t *Transport) serveHTTP() {
	defer t.wg.Done()
	err := t.http.server.Serve(t.http)
	_ = t.http.Close()
	if !t.isClosing() {
		t.o.Log.Error("link: HTTP server ended", slog.String("addr", t.addr), slog.Any("error", err))
	}
}

// prefixConn is a connection whose first bytes were read and are put back.
type prefixConn struct {
	net.Conn
	prefix []byte
}

func (c *prefixConn) Read(b []byte) (int, error) {
	if len(c.prefix) > 0 {
		n := copy(b, c.prefix)
		c.prefix = c.prefix[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

// ReadFrom keeps sendfile(2) for HTTP answers that are files.
func (c *prefixConn) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }

// CloseWrite tells the peer that nothing more comes.
func (c *prefixConn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return c.Close()
}
