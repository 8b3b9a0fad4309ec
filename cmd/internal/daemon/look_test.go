package daemon

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestLook(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	m, err := StartMaster(MasterSettings{Address: Address{IP: "127.0.0.1"}, Registry: RegistryMemory}, log)
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	defer func() {
		if !stopped {
			_ = m.Stop()
		}
	}()
	health, err := m.Look()
	for deadline := time.Now().Add(time.Minute); (err != nil || !health.Ready) && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		health, err = m.Look()
	}
	if want := "leading; agents: 0, frameworks: 0"; err != nil || !health.Ready || health.Status != want {
		t.Errorf("a master alone: got %+v, %v, want it ready with status %q", health, err, want)
	}

	leading := m.leading.Swap(nil)
	m.run = &candidacy{}
	if health, err = m.Look(); err != nil || !health.Ready || health.Status != "standing by" {
		t.Errorf("a standby: got %+v, %v, want it ready and standing by", health, err)
	}
	m.run = nil
	m.leading.Store(leading)

	if stopped, err = true, m.Stop(); err != nil {
		t.Fatal(err)
	}
	if health, err = m.Look(); err == nil || !strings.Contains(err.Error(), "master") {
		t.Errorf("a stopped master: got %+v, %v, want an error that names the master", health, err)
	}
}
