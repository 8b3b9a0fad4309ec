package gpu

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// TestPool has two containerizers give containers GPUs of the same pool.
func TestPool(t *testing.T) {
	root := machine(t, 2)
	p, dirs := newPool(t, root), [2]string{t.TempDir(), t.TempDir()}
	one, two := newGPUs(t, p, dirs[0], &allowed{}), newGPUs(t, p, dirs[1], &allowed{})
	give := func(i *Isolator, id string) string {
		t.Helper()
		l := &boot.Launch{}
		if err := i.Prepare(t.Context(), isolators.Container{ID: id, Demand: want(1)}, l); err != nil {
			return err.Error()
		}
		return strings.Join(l.Env, " ")
	}
	for _, c := range []struct {
		i        *Isolator
		id, want string
	}{
		{one, "a", "NVIDIA_VISIBLE_DEVICES=GPU-1"}, {two, "b", "NVIDIA_VISIBLE_DEVICES=GPU-0"}, {one, "c", "resources, gpus: want 1, and only 0 are free"},
	} {
		if got := give(c.i, c.id); got != c.want {
			t.Errorf("%s: got %s, want %s", c.id, got, c.want)
		}
	}
	one.Close()
	two.Close() // the agent dies
	p = newPool(t, root)
	one, two = newGPUs(t, p, dirs[0], &allowed{}), newGPUs(t, p, dirs[1], &allowed{}, isolators.Live{ID: "b"})
	if got, want := give(one, "d"), "NVIDIA_VISIBLE_DEVICES=GPU-1"; got != want {
		t.Errorf("after a restart: got %s, want %s, as the other's is taken", got, want)
	}
	if err := two.Cleanup(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if got, want := give(one, "e"), "NVIDIA_VISIBLE_DEVICES=GPU-0"; got != want {
		t.Errorf("when the other's is over: got %s, want %s", got, want)
	}
}

func TestNoPool(t *testing.T) {
	if _, err := NewPool(machine(t, 1), []int{1}); err == nil || err.Error() != "GPU 1: this machine has 1" {
		t.Errorf("an index beyond: got %v", err)
	}
}

// TestAwait has a container wait for the GPU of another.
func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pool{all: make([]GPU, 1), offered: []int{0}, patience: patience, has: map[string][]int{"old": {0}}, freed: make(chan struct{})}
		none := func([]int) error { return nil }
		began := time.Now()
		time.AfterFunc(time.Second, func() { p.set("other", nil) }) // which has none
		time.AfterFunc(2*time.Second, func() { p.set("old", nil) })
		if err := p.await(t.Context(), "new", 1, none); err != nil || time.Since(began) != 2*time.Second {
			t.Errorf("got %v after %v, want the GPU after 2 s", err, time.Since(began))
		}
		began = time.Now()
		var few *fewError
		if err := p.await(t.Context(), "late", 1, none); !errors.As(err, &few) || time.Since(began) != patience {
			t.Errorf("one that another keeps: got %v after %v, want an error after %v", err, time.Since(began), patience)
		}
		began = time.Now()
		if err := p.await(t.Context(), "many", 2, none); !errors.As(err, &few) || time.Since(began) != 0 {
			t.Errorf("more than there are: got %v after %v, want an error at once", err, time.Since(began))
		}
		ctx, end := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, end)
		if err := p.await(ctx, "given up", 1, none); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: got %v, want %v", err, context.Canceled)
		}
	})
}

// TestFewerWakes has a container that keeps some of its GPUs, as one taken up again may, let who waits have the others.
func TestFewerWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pool{all: make([]GPU, 2), offered: []int{0, 1}, patience: patience, has: map[string][]int{"old": {0, 1}}, freed: make(chan struct{})}
		none := func([]int) error { return nil }
		began := time.Now()
		for n, fewer := range []func() error{
			func() error { return p.take("old", 1, none) },
			func() error { p.set("old", []int{0}); return nil },
			func() error { return p.take("old", 0, none) },
		} {
			p.set("new", nil)
			p.set("old", []int{0, 1})
			time.AfterFunc(time.Second, func() {
				if err := fewer(); err != nil {
					t.Error(err)
				}
			})
			if err := p.await(t.Context(), "new", 1, none); err != nil || time.Since(began) != time.Second {
				t.Errorf("way %d: got %v after %v, want a GPU after 1 s", n, err, time.Since(began))
			}
			began = time.Now()
		}
	})
}
