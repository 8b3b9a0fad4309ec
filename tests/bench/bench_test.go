package bench

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

const (
	childKind  = "BENCH_CHILD" // in the environment: be the receiving program
	receiverID = "receiver"
	window     = 1000 // messages between two answers
	underWay   = 20   // windows that may be under way
)

func TestMain(m *testing.M) {
	children := map[string]func() (string, error){"link": linkChild, "remote": remoteChild}
	start, ok := children[os.Getenv(childKind)]
	if !ok {
		os.Exit(m.Run())
	}
	addr, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(addr)
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the parent ends
}

// startChild starts the receiving program and returns its address.
func startChild(tb testing.TB, kind string) (addr string) {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childKind+"="+kind)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatalf("read the address of the %s child: %v", kind, err)
	}
	return strings.TrimSpace(line)
}

// ofSize makes a message of size bytes encoded. Its shape is "flat", one label with a long value, or "parts", as most
// real messages are: labels of about 30 bytes, all of which must be allocated by who clones or decodes it.
func ofSize(shape string, size int) *v1.Labels {
	label := func(value string) *v1.Label { return &v1.Label{Key: proto.String("rack_of_the_agent"), Value: &value} }
	m := &v1.Labels{}
	if shape == "flat" {
		m.Labels = []*v1.Label{label(strings.Repeat("x", size))}
	}
	for proto.Size(m) < size {
		m.Labels = append(m.Labels, label("r7-17"))
	}
	for i := 0; proto.Size(m) > size; {
		l := m.Labels[i]
		switch {
		case len(*l.Value) > 5:
			*l.Value = (*l.Value)[1:]
		case *l.Key != "":
			*l.Key = (*l.Key)[1:]
		default:
			i++
		}
	}
	return m
}

// run sends n messages, waits for the answer to ask, and returns how long that took. The receiver's count must be exact.
func run(tb testing.TB, n int, answers <-chan int64, send, ask func()) time.Duration {
	tb.Helper()
	ask() // makes the session, which is not measured
	before := <-answers
	began := time.Now()
	windows := 0
	for i := range n {
		send()
		if (i+1)%window == 0 {
			if windows++; windows > underWay {
				<-answers
				windows--
			}
		}
	}
	ask()
	last := int64(0)
	for range windows + 1 {
		last = <-answers
	}
	took := time.Since(began)
	if want := before + int64(n); last != want {
		tb.Fatalf("got %d messages, want %d", last, want)
	}
	return took
}

var (
	sizes  = []int{34, 64, 200, 304}
	shapes = []string{"flat", "parts"}
)

var kinds = []struct {
	name string
	send func(tb testing.TB, n int, m proto.Message) time.Duration
}{
	{"link", overLink},
	{"remote", overRemote},
}

// BenchmarkTwoProcesses is the one-way rate between two programs over loopback, by shape and encoded size of messages.
func BenchmarkTwoProcesses(b *testing.B) {
	for _, shape := range shapes {
		for _, size := range sizes {
			for _, k := range kinds {
				b.Run(fmt.Sprintf("%s/%s/%dB", k.name, shape, size), func(b *testing.B) {
					took := k.send(b, b.N, ofSize(shape, size))
					b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns/op")
					b.ReportMetric(float64(b.N)/took.Seconds(), "msg/s")
				})
			}
		}
	}
}

// The sizes that the benchmark names are true.
func TestOfSize(t *testing.T) {
	for _, shape := range shapes {
		for _, size := range sizes {
			if got := proto.Size(ofSize(shape, size)); got != size {
				t.Errorf("%s: got a message of %d bytes, want %d", shape, got, size)
			}
		}
	}
}

// What is compared does arrive, all of it.
func TestTwoProcesses(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) { k.send(t, 30*window+1, ofSize("parts", 64)) })
	}
}
