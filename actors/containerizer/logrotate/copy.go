package logrotate

import (
	"io"
	"sync"
)

// Stream is one pipe and where it goes.
type Stream struct {
	From   io.Reader
	Path   string
	Limits Limits
}

// Copy writes streams to their files until all of them have ended.
func Copy(streams ...Stream) {
	var wg sync.WaitGroup
	for _, s := range streams {
		wg.Go(func() {
			f := Open(s.Path, s.Limits)
			defer f.Close()
			buf := make([]byte, 64<<10) // a pipe's
			for {
				n, err := s.From.Read(buf)
				f.Write(buf[:n])
				if err != nil {
					return // io.EOF; a pipe has no other
				}
			}
		})
	}
	wg.Wait()
}
