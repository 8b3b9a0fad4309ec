package daemon

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"syscall"

	"mesos/actors/fault"
	"mesos/cmd/flags"
)

// FaultFlags are the flags with which daemons, and programs that run some, are broken on purpose.
var FaultFlags = []flags.Def{{
	Name: "fault_rules", Kind: flags.File, Extra: true,
	Usage: "FOR TESTS ONLY: break messages by the rules in this file (may be empty), and let anybody change them with the command mesos fault",
}}

// openFaults reads the rules that a daemon starts with; a nil result means that nothing can be broken.
func openFaults(path string, log *slog.Logger) (*fault.Faults, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("flag --fault_rules: %w", err)
	}
	rules, err := fault.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("flag --fault_rules: %s: %w", path, err)
	}
	log.Error("FAULT INJECTION IS ON: this program breaks messages on purpose, and anybody who can reach it may tell it how; never use --fault_rules in production", "file", path)
	f := fault.New(fault.Options{
		Crash: func(string, fault.CrashHow) {
			log.Error("FAULT INJECTION: a rule ends this program now")
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		},
		Changed: func(rules []string) { log.Error("FAULT INJECTION: the rules changed", "rules", rules) },
	})
	if _, err := f.Add(rules...); err != nil {
		return nil, fmt.Errorf("flag --fault_rules: %s: %w", path, err)
	}
	return f, nil
}

// faultHandler is nil, as an interface, without faults.
func faultHandler(f *fault.Faults) http.Handler {
	if f == nil {
		return nil
	}
	return f
}
