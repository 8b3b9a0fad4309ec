package systemd

import (
	"fmt"
	"strings"
	"testing"
)

// machine is a container with the package installed and one machine's cluster on it.
type machine struct{ *container }

// TestPackage is the life of a machine: the package installed, a cluster started on it, tasks launched; then everything
// that happens to daemons, through which the tasks run on, the same processes; in the end the package is removed.
func TestPackage(t *testing.T) {
	t.Parallel()
	m := machine{boot(t, "", map[string]string{"/packages": packages(t)})}
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"install", m.install}, {"start", m.start}, {"log", m.log}, {"credential", m.credential},
		{"restart", m.restart}, {"upgrade", m.upgrade}, {"kill", m.kill}, {"watchdog", m.watchdog}, {"remove", m.remove},
	} {
		if !t.Run(step.name, func(t *testing.T) { m.t = t; step.do(t) }) {
			return // one step stands upon another
		}
	}
}

func (m machine) install(t *testing.T) {
	m.run("dpkg -i /packages/mesos_1.0.deb")
	for _, d := range daemons {
		if out, err := m.try("systemctl is-enabled " + d + "; systemctl is-active " + d); err == nil {
			t.Errorf("after the install %s is %q, want it neither enabled nor active: that is its owner's to say", d, out)
		}
	}
	if got, want := m.run("dpkg-query -W -f '${Conffiles}' mesos | cut -d' ' -f2"), "/etc/default/chronos\n/etc/default/marathon\n/etc/default/mesos-agent\n/etc/default/mesos-master"; got != want {
		t.Errorf("configuration files: got %q, want %q", got, want)
	}
}

func (m machine) start(t *testing.T) {
	m.run("echo MESOS_ATTRIBUTES=rack:r1 >>/etc/default/mesos-agent; echo MESOS_REGISTRATION_BACKOFF_FACTOR=100ms >>/etc/default/mesos-agent")
	m.run("systemctl enable --now mesos-master mesos-agent")
	m.registered()
	if got := m.run("ps -o user= -p " + m.property("mesos-master", "MainPID")); got != "mesos" {
		t.Errorf("the master runs as %s, want mesos", got)
	}
	for _, name := range []string{"one", "two"} {
		m.run(fmt.Sprintf("systemd-run --quiet --unit=job-%[1]s mesos run --name=%[1]s -- sh -c 'echo $$$$ >/run/%[1]s; exec sleep infinity'", name))
		m.await("task "+name, func() error { _, err := m.try("test -s /run/" + name); return err })
	}
	m.tasksRun("they were started")
	m.prints("systemctl show --value -p StatusText mesos-master", "leading; agents: 1, frameworks: 2")
}

// registered waits until the agent is known to the master, by what systemd shows of it.
func (m machine) registered() {
	m.t.Helper()
	m.await("the agent registers", func() error {
		if got := m.property("mesos-agent", "StatusText"); !strings.HasPrefix(got, "registered with the master at 127.0.0.1:5050 as ") {
			return fmt.Errorf("its status is %q", got)
		}
		return nil
	})
}

// tasks are the processes of the two tasks: their ids and when they were started, in clock ticks.
func (m machine) tasks() string {
	m.t.Helper()
	return m.run("for n in one two; do echo $n $(cut -d' ' -f1,22 /proc/$(cat /run/$n)/stat); done")
}

// tasksRun waits until both tasks are known to run.
func (m machine) tasksRun(after string) {
	m.t.Helper()
	m.prints("mesos ps | grep -cw running # after "+after, "2")
}

// survive has something happen to a daemon and wants another process of it, and the tasks as they were.
func (m machine) survive(daemon, what string, happens func()) {
	m.t.Helper()
	tasks, pid := m.tasks(), m.property(daemon, "MainPID")
	happens()
	m.await(daemon+" is back after "+what, func() error {
		now, state := m.property(daemon, "MainPID"), m.property(daemon, "ActiveState")
		if now == pid || now == "0" || state != "active" {
			return fmt.Errorf("it is %s with process %s, want it active and another than %s", state, now, pid)
		}
		return nil
	})
	m.registered()
	m.tasksRun(what)
	if got := m.tasks(); got != tasks {
		m.t.Errorf("after %s the tasks are %q, want %q", what, got, tasks)
	}
}

func (m machine) log(t *testing.T) {
	if out := m.run("journalctl -u mesos-master -u mesos-agent -p 6..6 -o cat | grep -c msg=serving"); out != "2" {
		t.Errorf("got %s lines of both daemons that they serve, with the priority of a notice, want 2", out)
	}
	if out, err := m.try("journalctl -u mesos-master -u mesos-agent -p 0..5 -o cat | grep level=INFO"); err == nil {
		t.Errorf("these lines have too high a priority: %s", out)
	}
}

func (m machine) credential(t *testing.T) {
	m.run("umask 077; echo secret >/etc/mesos/consul-token")
	for _, d := range daemons {
		m.survive(d, "a credential is given", func() { m.run("systemctl restart " + d) })
		pid := m.property(d, "MainPID")
		path := m.run("tr '\\0' '\\n' </proc/" + pid + "/environ | sed -n s/^CONSUL_HTTP_TOKEN_FILE=//p")
		if got := m.run("nsenter -t " + pid + " -m cat " + path); got != "secret" {
			t.Errorf("%s finds %q in the file of its token, want secret", d, got)
		}
		if _, err := m.try("setpriv --reuid=nobody --clear-groups cat " + path); err == nil {
			t.Errorf("anybody can read %s", path)
		}
	}
}

func (m machine) restart(*testing.T) {
	for _, d := range daemons {
		m.survive(d, "a restart of "+d, func() { m.run("systemctl restart " + d) })
	}
	// Nothing of it may have started a third.
	m.prints("mesos ps --all | tail -n +2 | wc -l", "2")
}

func (m machine) upgrade(t *testing.T) {
	before := m.property("mesos-master", "MainPID")
	m.survive("mesos-agent", "an upgrade", func() { m.run("dpkg -i /packages/1.1.deb") })
	if now := m.property("mesos-master", "MainPID"); now == before {
		t.Errorf("after the upgrade the master is still process %s", now)
	}
	for _, d := range daemons {
		if exe := m.run("readlink /proc/" + m.property(d, "MainPID") + "/exe"); exe != "/usr/bin/"+d {
			t.Errorf("%s runs from %q, want the new /usr/bin/%s", d, exe, d)
		}
	}
	if got := m.run("dpkg-query -W -f '${Version}' mesos; grep -c ^MESOS_ATTRIBUTES=rack:r1 /etc/default/mesos-agent"); got != "1.11" {
		t.Errorf("after the upgrade: got version and edited settings %q, want 1.1 and one line", got)
	}
}

func (m machine) kill(*testing.T) {
	for _, d := range daemons {
		m.survive(d, "kill -9 of "+d, func() { m.run("systemctl kill --kill-who=main -s KILL " + d) })
	}
}

// watchdog stops a daemon so that it cannot answer. Each is left alone for as long as it answers.
func (m machine) watchdog(*testing.T) {
	for _, d := range daemons {
		m.run("mkdir -p /run/systemd/system/" + d + ".service.d; printf '[Service]\\nWatchdogSec=5s\\n' >/run/systemd/system/" + d + ".service.d/test.conf; systemctl daemon-reload")
		m.survive(d, "a restart with a short watchdog", func() { m.run("systemctl restart " + d) })
		m.survive(d, "SIGSTOP of "+d, func() { m.run("systemctl kill --kill-who=main -s STOP " + d) })
		m.run("journalctl -u " + d + " | grep -q 'Watchdog timeout'")
		m.run("journalctl -u " + d + " -o cat | grep -q '^goroutine '") // what it was doing
		m.run("rm /run/systemd/system/" + d + ".service.d/test.conf; systemctl daemon-reload")
		m.survive(d, "a restart with the usual watchdog", func() { m.run("systemctl restart " + d) })
	}
}

func (m machine) remove(t *testing.T) {
	tasks := m.tasks()
	m.run("dpkg -r mesos")
	for _, d := range daemons {
		if out, err := m.try("systemctl is-active " + d + " || pgrep -x " + d); err == nil {
			t.Errorf("after the removal %s runs: %s", d, out)
		}
	}
	if got := m.tasks(); got != tasks {
		t.Errorf("after the removal the tasks are %q, want %q", got, tasks)
	}
	m.run("test -e /etc/default/mesos-agent && test -d /var/lib/mesos/agent && ! test -e /usr/bin/mesos")
	m.run("dpkg -P mesos")
	m.run("! test -e /etc/default/mesos-agent && test -d /var/lib/mesos/agent")
}
