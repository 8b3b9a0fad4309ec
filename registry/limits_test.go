package registry_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mesos/registry"
	"mesos/registry/storetest"
)

// narrow is a store that takes few bytes in one write.
type narrow struct {
	*registry.Memory
	t *testing.T
}

const narrowWrite = 1000

func (n narrow) Limits() registry.Limits {
	l := n.Memory.Limits()
	l.Write = narrowWrite
	return l
}

func (n narrow) Write(ctx context.Context, rows []registry.Row) error {
	bytes := 0
	for _, r := range rows {
		bytes += len(r.Value)
	}
	if bytes > narrowWrite {
		n.t.Errorf("a write has %d bytes, want %d at most", bytes, narrowWrite)
	}
	return n.Memory.Write(ctx, rows)
}

// A registrar cuts its writes to what the store takes, and refuses what is more.
func TestBytesOfAWrite(t *testing.T) {
	r, _ := storetest.Start(t, narrow{registry.NewMemory(), t}, registry.Options{})
	defer r.Close()
	done := make(chan error)
	const n = 100
	for i := range n {
		go r.Apply(registry.Admit(storetest.Info(fmt.Sprintf("a-S%d", i))), func(err error) { done <- err })
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	long := storetest.Info("long")
	name := strings.Repeat("x", narrowWrite)
	long.Hostname = &name
	if err := storetest.Do(r, registry.Admit(long)); !errors.Is(err, registry.ErrTooLarge) {
		t.Errorf("an agent larger than a write: got %v, want ErrTooLarge", err)
	}
}
