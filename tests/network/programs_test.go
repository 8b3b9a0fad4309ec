package network

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// patience is how long is waited for what must come.
const patience = time.Minute

// serve is a task: it answers on port 80 with its host's name and what address that
// name has.
func serve() int {
	l, err := net.Listen("tcp4", ":80")
	if err != nil {
		fmt.Println(err)
		return 1
	}
	for {
		c, err := l.Accept()
		if err != nil {
			fmt.Println(err)
			return 1
		}
		name, err := os.Hostname()
		addrs, err2 := net.LookupHost(name)
		fmt.Fprintln(c, name, addrs, err, err2)
		c.Close()
	}
}

// ask is a task: it asks at the address that each of the files 1, 2, … in a directory
// names, which come one after the other, and writes down the answers.
func ask() int {
	for n := 1; ; n++ {
		file := filepath.Join(os.Getenv("ASK_DIR"), strconv.Itoa(n))
		address, err := os.ReadFile(file)
		for err != nil {
			time.Sleep(10 * time.Millisecond)
			address, err = os.ReadFile(file)
		}
		put(file+".answer", answer(string(address)))
	}
}

// put writes a file that is there with all of its text, or not at all.
func put(file, text string) {
	if err := os.WriteFile(file+".next", []byte(text), 0o644); err == nil {
		_ = os.Rename(file+".next", file) // who waits for it tells
	}
}

// answer is what a server says, or why not.
func answer(address string) string {
	c, err := net.DialTimeout("tcp4", address, patience/2)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	said, err := io.ReadAll(c)
	if err != nil {
		return err.Error()
	}
	return string(said)
}

// asker is a task that asks for the test.
type asker struct {
	t   testing.TB
	dir string
	n   int
}

func (a *asker) ask(address string) string {
	a.t.Helper()
	a.n++
	file := filepath.Join(a.dir, strconv.Itoa(a.n))
	put(file, address)
	said := ""
	eventually(a.t, "the answer of "+address, func() bool {
		text, err := os.ReadFile(file + ".answer")
		said = string(text)
		return err == nil
	})
	return said
}

// command runs this program as a stage.
func command(t testing.TB, stage string, more ...string) *v1.CommandInfo {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &v1.CommandInfo{Value: new("exec " + self), Environment: &v1.Environment{}}
	set := func(name, value string) {
		c.Environment.Variables = append(c.Environment.Variables, &v1.Environment_Variable{Name: &name, Value: &value})
	}
	set(stageEnv, stage)
	for i := 0; i < len(more); i += 2 {
		set(more[i], more[i+1])
	}
	return c
}

func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
