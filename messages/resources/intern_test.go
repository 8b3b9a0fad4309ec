package resources

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestKindsAreCollected: ids and labels come from outside and must not pile up.
func TestKindsAreCollected(t *testing.T) {
	count := func() int {
		interned.mu.RLock()
		defer interned.mu.RUnlock()
		return len(interned.kinds)
	}
	before := count()
	for i := range 5000 {
		r := MustParse(fmt.Sprintf("only-in-this-test-%d:1", i)).Allocate("a")
		if r.Allocate("b").Unallocate().IsEmpty() {
			t.Fatal("lost an entry")
		}
	}
	// Cleanups run some time after a collection; the test ends when they have.
	for deadline := time.Now().Add(30 * time.Second); count() > before+100; {
		if time.Now().After(deadline) {
			t.Fatalf("%d kinds are left of 15000, %d were there before", count(), before)
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

// TestKindsAreOne makes the same kinds in many goroutines while they are collected.
func TestKindsAreOne(t *testing.T) {
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range 2000 {
				text := fmt.Sprintf("cpus(r%d):1;race:1", i%10)
				a, b := MustParse(text).Allocate("x"), MustParse(text).Allocate("x")
				if !a.Equal(b) || a.Add(b).Len() != a.Len() {
					t.Errorf("%v and %v are different kinds", a, b)
					return
				}
				if i%500 == 0 {
					runtime.GC()
				}
			}
		})
	}
	workers.Wait()
}

func TestInternTwice(t *testing.T) {
	f := facts{key: "\x05twice", name: "twice", typ: scalarType, role: "*"}
	a, b := internFacts(f), internFacts(f)
	if a != b || a.allocated("x") != b.allocated("x") || a.allocated("x").allocated("") != a {
		t.Errorf("one kind has two pointers: %p and %p", a, b)
	}
	other := a.allocated("y") // the memo of root now has y
	if x := a.allocated("x"); x != other.allocated("x") || x == other {
		t.Errorf("allocation to x gives %p and %p", x, other.allocated("x"))
	}
}
