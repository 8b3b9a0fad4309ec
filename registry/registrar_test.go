package registry_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mesos/registry"
	"mesos/registry/storetest"
)

// odd is a store whose writes do what a test wants.
type odd struct {
	registry.Store
	limits registry.Limits
	write  func(rows []registry.Row) error
	mu     sync.Mutex
	writes int
}

func (o *odd) Write(ctx context.Context, rows []registry.Row) error {
	o.mu.Lock()
	o.writes++
	o.mu.Unlock()
	if o.write != nil {
		if err := o.write(rows); err != nil {
			return err
		}
	}
	return o.Store.Write(ctx, rows)
}

func (o *odd) Limits() registry.Limits {
	if o.limits.Rows > 0 {
		return o.limits
	}
	return o.Store.Limits()
}

func admit(i int) registry.Operation { return registry.Admit(storetest.Info(fmt.Sprintf("a-S%d", i))) }

// What comes while a write runs goes into the next one; the answers come in the
// order of the questions, refusals included.
func TestManyOperationsOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &odd{Store: registry.OpenMemory(&registry.Disk{}), write: func([]registry.Row) error { time.Sleep(time.Second); return nil }}
		r, _ := storetest.Start(t, s, registry.Options{})
		defer r.Close()
		var order []int
		ask := func(i int, op registry.Operation, want error) {
			r.Apply(op, func(err error) {
				if !errors.Is(err, want) {
					t.Errorf("operation %d: got %v, want %v", i, err, want)
				}
				order = append(order, i)
			})
		}
		ask(0, admit(0), nil)
		synctest.Wait() // it is being written
		for i := 1; i < 100; i++ {
			if i%3 == 0 {
				ask(i, registry.MarkUnreachable("nobody", time.Unix(1, 0)), registry.ErrNotAdmitted)
			} else {
				ask(i, admit(i), nil)
			}
		}
		if q := r.Stats().Queued; q != 99 {
			t.Errorf("%d operations are queued, want 99", q)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for i, got := range order {
			if got != i {
				t.Fatalf("answer %d was for operation %d", i, got)
			}
		}
		if st := r.Stats(); len(order) != 100 || st.Writes != 2 || st.Rows != 67 || st.Queued != 0 {
			t.Errorf("%d answers, %+v, want 100 answers by 2 writes of 67 rows", len(order), st)
		}
	})
}

// The last word on a row is written alone, and a change that is taken back in the same batch still is in order.
func TestNothingNewIsNotWritten(t *testing.T) {
	d := &registry.Disk{}
	r, _ := storetest.Start(t, registry.OpenMemory(d), registry.Options{})
	defer r.Close()
	for range 3 {
		if err := storetest.Do(r, admit(1)); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.Writes(); n != 1 {
		t.Errorf("%d writes for what was there, want 1", n)
	}
}

// A store that refuses a write for a while is asked again; nothing is told meanwhile.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var full, told atomic.Bool
		full.Store(true)
		s := &odd{Store: registry.OpenMemory(&registry.Disk{}), write: func([]registry.Row) error {
			if full.Load() {
				return errors.New("no space left on device")
			}
			return nil
		}}
		r, _ := storetest.Start(t, s, registry.Options{OnLost: func(err error) { t.Errorf("lost: %v", err) }})
		defer r.Close()
		r.Apply(admit(1), func(err error) { told.Store(err == nil) })
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if told.Load() {
			t.Error("an operation was told durable on a full disk")
		}
		full.Store(false)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if !told.Load() {
			t.Error("an operation was not told when the disk had room")
		}
	})
}

// When the store cannot be written in time, or belongs to another master, all that
// waits and all that comes is refused, and the owner is told once.
func TestLost(t *testing.T) {
	newer := func(d *registry.Disk) func([]registry.Row) error {
		return func([]registry.Row) error { registry.OpenMemory(d); return nil }
	}
	for _, c := range []struct {
		name  string
		write func(d *registry.Disk) func([]registry.Row) error
		want  error
	}{
		{"refused for too long", func(*registry.Disk) func([]registry.Row) error {
			return func([]registry.Row) error { return errors.New("no space left on device") }
		}, registry.ErrTimeout},
		{"deposed", newer, registry.ErrDeposed},
	} {
		synctest.Test(t, func(t *testing.T) {
			var lost []error
			d := &registry.Disk{}
			s := &odd{Store: registry.OpenMemory(d), write: c.write(d)}
			r, _ := storetest.Start(t, s, registry.Options{OnLost: func(err error) { lost = append(lost, err) }})
			var told []error
			for i := range 3 {
				r.Apply(admit(i), func(err error) { told = append(told, err) })
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			r.Apply(admit(9), func(err error) { told = append(told, err) })
			r.Close()
			if len(lost) != 1 || !errors.Is(lost[0], c.want) {
				t.Errorf("%s: the owner was told %v, want %v once", c.name, lost, c.want)
			}
			if len(told) != 4 {
				t.Errorf("%s: %d answers, want 4", c.name, len(told))
			}
			for _, err := range told {
				if !errors.Is(err, c.want) {
					t.Errorf("%s: answered %v, want %v", c.name, err, c.want)
				}
			}
		})
	}
}

// Losing the guard is noticed without a write.
func TestDeposedAtRest(t *testing.T) {
	d := &registry.Disk{}
	lost := make(chan error, 1)
	r, _ := storetest.Start(t, registry.OpenMemory(d), registry.Options{OnLost: func(err error) { lost <- err }})
	defer r.Close()
	registry.OpenMemory(d)
	if err := <-lost; !errors.Is(err, registry.ErrDeposed) {
		t.Errorf("got %v, want ErrDeposed", err)
	}
}

// A write that hangs is lost at its time, and Close does not wait for it.
func TestHangingWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		s := &odd{Store: registry.NewMemory(), write: func([]registry.Row) error { <-hang; return nil }}
		lost := make(chan error, 1)
		r, _ := storetest.Start(t, s, registry.Options{OnLost: func(err error) { lost <- err }})
		var answer error
		r.Apply(admit(1), func(err error) { answer = err })
		if err := <-lost; !errors.Is(err, registry.ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", err)
		}
		r.Close()
		close(hang)
		synctest.Wait()
		if !errors.Is(answer, registry.ErrTimeout) {
			t.Errorf("the operation was answered %v, want ErrTimeout", answer)
		}
	})
}

func TestTooLarge(t *testing.T) {
	s := &odd{Store: registry.OpenMemory(&registry.Disk{}), limits: registry.Limits{Rows: 1, Bytes: 400}}
	r, _ := storetest.Start(t, s, registry.Options{})
	defer r.Close()
	big := storetest.Info("a-S1")
	name := string(make([]byte, 500))
	big.Hostname = &name
	for _, c := range []struct {
		op   registry.Operation
		want error
	}{
		{admit(1), nil},
		{registry.MarkUnreachable("a-S1", time.Unix(1, 0)), registry.ErrTooLarge}, // two rows
		{registry.Admit(big), registry.ErrTooLarge},
		{registry.Remove("a-S1"), nil}, // nothing of them was carried out
	} {
		if err := storetest.Do(r, c.op); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
	}
}

func TestClosed(t *testing.T) {
	r, _ := storetest.Start(t, registry.NewMemory(), registry.Options{})
	r.Close()
	if err := storetest.Do(r, admit(1)); !errors.Is(err, registry.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
	r.Close()
}
