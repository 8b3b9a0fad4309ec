package daemon

import (
	"fmt"
	"strings"
	"testing"

	"mesos/actors/containerizer/logrotate"
)

func TestRotationFromFlags(t *testing.T) {
	param := func(key, value string) string {
		return fmt.Sprintf(`{"libraries":[{"file":"x.so","modules":[{"name":%q,"parameters":[{"key":%q,"value":%q}]}]}]}`, rotatingLogger, key, value)
	}
	tests := []struct {
		logger, modules string
		want            *logrotate.Limits // of stdout; nil: no rotation
		word            string            // of the error
	}{
		{"", "", nil, ""},
		{sandboxLogger, param("max_stdout_size", "1MB"), nil, ""},
		{rotatingLogger, "", &logrotate.Default, ""},
		{rotatingLogger, param("max_stdout_size", "1MB"), &logrotate.Limits{Max: 1 << 20, Keep: 1}, ""},
		{rotatingLogger, param("logrotate_stdout_options", "rotate 9\ncompress"), &logrotate.Limits{Max: 10 << 20, Keep: 9, Compress: true}, ""},
		{rotatingLogger, param("logrotate_stderr_options", "rotate 9"), &logrotate.Default, ""},
		{rotatingLogger, param("launcher_dir", "/x"), &logrotate.Default, ""},
		{rotatingLogger, param("environment_variable_prefix", "CONTAINER_LOGGER_"), &logrotate.Default, ""},
		{rotatingLogger, param("environment_variable_prefix", "MINE_"), nil, "CONTAINER_LOGGER_"},
		{rotatingLogger, param("max_stdout_size", "much"), nil, "max_stdout_size"},
		{rotatingLogger, param("max_size", "1MB"), nil, "max_size"},
		{rotatingLogger, `{"libraries":[{"modules":[{"name":"other"}]}]}`, nil, `"other"`},
		{rotatingLogger, `[`, nil, "--modules"},
		{"journald", "", nil, `"journald"`},
	}
	for _, tt := range tests {
		f := AgentFlags()
		if err := f.SetAll(map[string]string{"master": "127.0.0.1:5050", "work_dir": "/w", "container_logger": tt.logger, "modules": tt.modules}); err != nil {
			t.Fatal(err)
		}
		got, err := rotationFrom(f, "/bin")
		switch {
		case tt.word != "":
			if err == nil || !strings.Contains(err.Error(), tt.word) {
				t.Errorf("%s %s: got %v, want an error that says %q", tt.logger, tt.modules, err, tt.word)
			}
		case err != nil || (got == nil) != (tt.want == nil):
			t.Errorf("%s %s: got %v, %v, want %v", tt.logger, tt.modules, got, err, tt.want)
		case got != nil && (got.Stdout != *tt.want || got.Program != "/bin/mesos-logger"):
			t.Errorf("%s %s: got %+v, want %v by /bin/mesos-logger", tt.logger, tt.modules, got, *tt.want)
		}
	}
}
