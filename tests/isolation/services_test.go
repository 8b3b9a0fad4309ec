package isolation

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// counted is what a service says itself of what it got and sent, in bytes.
type counted struct{ received, sent int64 }

// service is a program that tells what it got and sent.
type service struct {
	name, amounts, line string
	addr                string
	load                func(t *testing.T, s *service) // several megabytes in both directions
	counted             func(t *testing.T, s *service) counted
	// written is what it wrote under its last load, of log that it made sure of and in all, by its own count; nil: nothing.
	written func() (log, all int64)
}

// TestServicesSideBySide runs memcached, redis, MariaDB and an MPI job of two nodes as tasks on one agent, and compares what
// the agent counts with what they count themselves.
func TestServicesSideBySide(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"memcached", "redis-server", "mariadbd", "mariadb-install-db", "mariadb", "mpicc", "mpirun", "orted", "ip", "nft"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	if !cluster.Alone(t, machine) {
		return
	}
	h := newHost(t, "cpus:6;mem:3072;disk:1024")
	host, _, err := net.SplitHostPort(h.c.Addr())
	if err != nil {
		t.Fatal(err)
	}
	memcached := &service{name: "memcached", amounts: "cpus:1;mem:256", addr: free(t, host), load: loadMemcached, counted: countedByMemcached}
	memcached.line = fmt.Sprintf("exec memcached -u root -l %s -p %s -m 128", host, port(memcached.addr))
	redis := &service{name: "redis", amounts: "cpus:1;mem:256", addr: free(t, host), load: loadRedis, counted: countedByRedis}
	redis.line = fmt.Sprintf("exec redis-server --bind %s --port %s --save '' --appendonly no --protected-mode no", host, port(redis.addr))
	maria := &service{name: "mariadb", amounts: "cpus:1;mem:768", addr: free(t, host), load: loadMaria, counted: countedByMaria}
	maria.line = mariaLine(t, host, port(maria.addr))

	h.accept(resources.MustParse("cpus:3;mem:1280;disk:512"), func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{
			scheduler.Reserve("", disk()), scheduler.Create("", volume()),
			scheduler.LaunchTasks(command(agent, memcached.name, memcached.line, resources.MustParse(memcached.amounts)),
				command(agent, redis.name, redis.line, resources.MustParse(redis.amounts)), onVolume(t, agent, maria.name, maria)),
		}
	})
	for _, s := range []*service{memcached, redis, maria} {
		h.task(s.name, v1.TaskState_TASK_RUNNING)
		s.await(t)
	}
	h.leave()
	mpi := h.startMPI()
	for _, s := range []*service{memcached, redis, maria} {
		h.compare(s)
	}
	mpi.finish()
	h.keeps(maria)
}

// compare puts a service under load and looks at both accounts.
func (h *host) compare(s *service) {
	h.t.Helper()
	before, own := h.used(s.name), s.counted(h.t, s)
	s.load(h.t, s)
	ownNow := s.counted(h.t, s)
	now := h.used(s.name)
	for direction, said := range map[string]int64{"receive": ownNow.received - own.received, "transmit": ownNow.sent - own.sent} {
		bytes := now.sum("network_bytes", "direction", direction) - before.sum("network_bytes", "direction", direction)
		packets := now.sum("network_packets", "direction", direction) - before.sum("network_packets", "direction", direction)
		h.compareNetwork(s.name+", "+direction, said, bytes, packets)
	}
	if s.written != nil {
		h.compareDisk(s, now.sum("disk_bytes", "operation", "write")-before.sum("disk_bytes", "operation", "write"))
	}
	h.within(s.name, now, s.amounts)
}

// compareNetwork compares what was counted with what a program says of itself.
func (h *host) compareNetwork(what string, said, bytes, packets int64) {
	h.t.Helper()
	if said < 4<<20 {
		h.t.Errorf("%s: got %d bytes by its own count, want a load of 4 MB at least", what, said)
	}
	// Each packet has headers of 40 bytes at least, and the executor says a few words in the same container. On a busy
	// machine TCP sends some again.
	const words = 64 << 10
	if least, most := said+40*packets-words, said+said/4+80*packets+words; bytes < least || bytes > most {
		h.t.Errorf("%s: got %d bytes in %d packets, want %d to %d as it counted %d itself", what, bytes, packets, least, most, said)
	} else {
		h.t.Logf("%s: %d bytes in %d packets, by its own count %d", what, bytes, packets, said)
	}
}

// within wants a task's limits to be what it has, and its memory within.
func (h *host) within(task string, now used, amounts string) {
	h.t.Helper()
	want := resources.MustParse(amounts)
	if got := now.Statistics; got.CPUs != want.CPUs().Float() || got.MemLimit != uint64(want.Mem().Float())<<20 || got.Mem == 0 || got.Mem > got.MemLimit {
		h.t.Errorf("%s: got %+v, want the limits of %s and memory within", task, got, amounts)
	}
}

// compareDisk looks at the bytes that a service wrote and made sure of, if they are on a disk that the kernel counts.
func (h *host) compareDisk(s *service, bytes int64) {
	h.t.Helper()
	if !onDisk(h.t, h.c.AgentWorkDir(0)) {
		h.t.Logf("%s: the sandboxes are on no disk of this machine: no bytes to compare", s.name)
		return
	}
	log, all := s.written()
	// The log is written at each commit, with what the file system adds, the rest when there is time for it.
	if most := 4*all + 64<<20; bytes < log || bytes > most {
		h.t.Errorf("%s: got %d bytes written, want %d to %d as it wrote %d itself", s.name, bytes, log, most, all)
	} else {
		h.t.Logf("%s: %d bytes written, by its own count %d, of which %d of log", s.name, bytes, all, log)
	}
}

// onDisk says that a directory is on a block device.
func onDisk(t *testing.T, dir string) bool {
	t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(dir, &s); err != nil {
		t.Fatal(err)
	}
	_, err := os.Stat(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(s.Dev), unix.Minor(s.Dev)))
	return err == nil
}

// keeps ends MariaDB and starts another on the same volume: the rows are there.
func (h *host) keeps(s *service) {
	h.t.Helper()
	rows := query(h.t, s, "SELECT COUNT(*) FROM test.t")
	h.driver.Kill(s.name, nil)
	h.task(s.name, v1.TaskState_TASK_KILLED)
	s.addr = free(h.t, hostOf(s.addr))
	s.line = mariaLine(h.t, hostOf(s.addr), port(s.addr))
	list, err := resources.FromProto([]*v1.Resource{volume()})
	if err != nil {
		h.t.Fatal(err)
	}
	h.accept(resources.MustParse(s.amounts).Add(list), func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{scheduler.LaunchTasks(onVolume(h.t, agent, "mariadb-again", s))}
	})
	h.task("mariadb-again", v1.TaskState_TASK_RUNNING)
	s.await(h.t)
	if got := query(h.t, s, "SELECT COUNT(*) FROM test.t"); got != rows || rows == "0" {
		h.t.Errorf("rows after another start: got %s, want %s and more than 0", got, rows)
	}
}

// await waits until the service answers.
func (s *service) await(t *testing.T) {
	t.Helper()
	eventually(t, s.name+" to answer", func() bool {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// free is an address that nobody listens on.
func free(t *testing.T, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr) // made by free
	return p
}

func hostOf(addr string) string {
	h, _, _ := net.SplitHostPort(addr)
	return h
}

// conversation with a service of a text protocol.
type conversation struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func (s *service) dial(t *testing.T) conversation {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conversation{t, c, bufio.NewReader(c)}
}

func (c conversation) say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

func (c conversation) line(want string) string {
	c.t.Helper()
	l, err := c.r.ReadString('\n')
	if l = strings.TrimSpace(l); err != nil || !strings.HasPrefix(l, want) {
		c.t.Fatalf("got %q, %v, want %q", l, err, want)
	}
	return l
}

func (c conversation) skip(n int) {
	c.t.Helper()
	if _, err := io.CopyN(io.Discard, c.r, int64(n)); err != nil {
		c.t.Fatal(err)
	}
}

// One value and how often it is written and read.
const (
	valueSize = 100_000
	values    = 80
)

var value = strings.Repeat("x", valueSize)

func loadMemcached(t *testing.T, s *service) {
	c := s.dial(t)
	for n := range values {
		c.say(fmt.Sprintf("set k%d 0 0 %d\r\n%s\r\n", n, valueSize, value))
		c.line("STORED")
		c.say(fmt.Sprintf("get k%d\r\n", n))
		c.line("VALUE")
		c.skip(valueSize + len("\r\n"))
		c.line("END")
	}
}

func countedByMemcached(t *testing.T, s *service) (n counted) {
	c := s.dial(t)
	c.say("stats\r\n")
	for {
		f := strings.Fields(c.line(""))
		switch {
		case len(f) == 1:
			return n
		case f[1] == "bytes_read":
			n.received = number(t, f[2])
		case f[1] == "bytes_written":
			n.sent = number(t, f[2])
		}
	}
}

func loadRedis(t *testing.T, s *service) {
	c := s.dial(t)
	for n := range values {
		c.say(fmt.Sprintf("*3\r\n$3\r\nSET\r\n$5\r\nk%04d\r\n$%d\r\n%s\r\n", n, valueSize, value))
		c.line("+OK")
		c.say(fmt.Sprintf("*2\r\n$3\r\nGET\r\n$5\r\nk%04d\r\n", n))
		c.line("$" + strconv.Itoa(valueSize))
		c.skip(valueSize + len("\r\n"))
	}
}

func countedByRedis(t *testing.T, s *service) (n counted) {
	c := s.dial(t)
	c.say("INFO stats\r\n")
	size := number(t, strings.TrimPrefix(c.line("$"), "$"))
	text := make([]byte, size)
	if _, err := io.ReadFull(c.r, text); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		key, v, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch key {
		case "total_net_input_bytes":
			n.received = number(t, v)
		case "total_net_output_bytes":
			n.sent = number(t, v)
		}
	}
	return n
}

// mariaLine starts MariaDB on the volume, and makes a database of it first if there is none.
func mariaLine(t *testing.T, host, port string) string {
	dir := t.TempDir()
	return fmt.Sprintf(`set -e; d=$PWD/data/db
[ -d $d/mysql ] || mariadb-install-db --no-defaults --user=root --datadir=$d --skip-test-db >install.log 2>&1
exec mariadbd --no-defaults --user=root --datadir=$d --skip-grant-tables --skip-name-resolve --bind-address=%s --port=%s --socket=%s/s --pid-file=%s/p \
  --innodb-buffer-pool-size=64M --innodb-log-file-size=64M --innodb-flush-log-at-trx-commit=1 --max-allowed-packet=16M`, host, port, dir, dir)
}

func query(t *testing.T, s *service, q string) string {
	t.Helper()
	cmd := exec.Command("mariadb", "--no-defaults", "--skip-ssl", "-N", "-B", "-h", hostOf(s.addr), "-P", port(s.addr), "-u", "root", "--max-allowed-packet=16M")
	cmd.Stdin = strings.NewReader(q)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("mariadb: %v: %.500s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func loadMaria(t *testing.T, s *service) {
	written, data := number(t, status(t, s, "Innodb_os_log_written")), number(t, status(t, s, "Innodb_data_written"))
	var q strings.Builder
	q.WriteString("CREATE DATABASE IF NOT EXISTS test; CREATE TABLE test.t (id INT PRIMARY KEY AUTO_INCREMENT, v LONGTEXT) ENGINE=InnoDB;\n")
	for range values {
		fmt.Fprintf(&q, "INSERT INTO test.t (v) VALUES ('%s');\n", value)
	}
	q.WriteString("SELECT v FROM test.t;")
	if got := len(query(t, s, q.String())); got < values*valueSize {
		t.Errorf("%d bytes were read back, want %d", got, values*valueSize)
	}
	log := number(t, status(t, s, "Innodb_os_log_written")) - written
	all := log + number(t, status(t, s, "Innodb_data_written")) - data
	if log < values*valueSize {
		t.Errorf("MariaDB says that it wrote %d bytes of log, want all of %d", log, values*valueSize)
	}
	s.written = func() (int64, int64) { return log, all }
}

func countedByMaria(t *testing.T, s *service) counted {
	return counted{number(t, status(t, s, "Bytes_received")), number(t, status(t, s, "Bytes_sent"))}
}

func status(t *testing.T, s *service, name string) string {
	t.Helper()
	f := strings.Fields(query(t, s, "SHOW GLOBAL STATUS LIKE '"+name+"'"))
	if len(f) != 2 {
		t.Fatalf("status %s: got %q, want a name and a number", name, f)
	}
	return f[1]
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// disk is the space that is reserved for the database.
func disk() *v1.Resource {
	return &v1.Resource{
		Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(512)},
		Reservations: []*v1.Resource_ReservationInfo{{Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String("db")}},
	}
}

// volume is the persistent volume in it.
func volume() *v1.Resource {
	v := disk()
	v.Disk = &v1.Resource_DiskInfo{
		Persistence: &v1.Resource_DiskInfo_Persistence{Id: proto.String("database")},
		Volume:      &v1.Volume{ContainerPath: proto.String("data"), Mode: v1.Volume_RW.Enum()},
	}
	return v
}

func onVolume(t *testing.T, agent *v1.AgentID, id string, s *service) *v1.TaskInfo {
	t.Helper()
	list, err := resources.FromProto([]*v1.Resource{volume()})
	if err != nil {
		t.Fatal(err)
	}
	return command(agent, id, s.line, resources.MustParse(s.amounts).Add(list))
}
