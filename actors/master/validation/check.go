package validation

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	v1 "mesos/messages/mesos/v1"
)

// watched checks a task's health check and check.
func watched(t *v1.TaskInfo) error {
	if t.HealthCheck != nil {
		if err := healthCheck("health_check", t.HealthCheck); err != nil {
			return err
		}
	}
	if t.Check != nil {
		return check("check", t.Check)
	}
	return nil
}

func healthCheck(field string, c *v1.HealthCheck) error {
	var err error
	switch c.GetType() {
	case v1.HealthCheck_COMMAND:
		err = typed(field, "command", c.Command != nil, func(f string) error { return command(f, c.GetCommand()) })
	case v1.HealthCheck_HTTP:
		err = typed(field, "http", c.Http != nil, func(f string) error {
			h := c.GetHttp()
			if s := h.GetScheme(); h.Scheme != nil && s != "http" && s != "https" {
				return fmt.Errorf("%s.scheme %q is neither \"http\" nor \"https\"", f, s)
			}
			for i, s := range h.GetStatuses() {
				if s < 100 || s > 599 {
					return fmt.Errorf("%s.statuses[%d] %d is no HTTP status: 100 to 599", f, i, s)
				}
			}
			return httpTarget(f, h.GetPort(), h.Path)
		})
	case v1.HealthCheck_TCP:
		err = typed(field, "tcp", c.Tcp != nil, func(f string) error { return port(f, c.GetTcp().GetPort()) })
	default:
		err = noType(field, c.Type == nil, c.GetType())
	}
	if err != nil {
		return err
	}
	return seconds(field, map[string]*float64{
		"delay_seconds": c.DelaySeconds, "interval_seconds": c.IntervalSeconds, "timeout_seconds": c.TimeoutSeconds, "grace_period_seconds": c.GracePeriodSeconds,
	})
}

func check(field string, c *v1.CheckInfo) error {
	var err error
	switch c.GetType() {
	case v1.CheckInfo_COMMAND:
		err = typed(field, "command", c.Command != nil, func(f string) error { return command(f+".command", c.GetCommand().GetCommand()) })
	case v1.CheckInfo_HTTP:
		err = typed(field, "http", c.Http != nil, func(f string) error { return httpTarget(f, c.GetHttp().GetPort(), c.GetHttp().Path) })
	case v1.CheckInfo_TCP:
		err = typed(field, "tcp", c.Tcp != nil, func(f string) error { return port(f, c.GetTcp().GetPort()) })
	default:
		err = noType(field, c.Type == nil, c.GetType())
	}
	if err != nil {
		return err
	}
	return seconds(field, map[string]*float64{"delay_seconds": c.DelaySeconds, "interval_seconds": c.IntervalSeconds, "timeout_seconds": c.TimeoutSeconds})
}

// typed checks the message that a type asks for.
func typed(field, name string, set bool, rest func(field string) error) error {
	if !set {
		return fmt.Errorf("%s.%s must be set for type %s", field, name, strings.ToUpper(name))
	}
	return rest(field + "." + name)
}

func noType(field string, unset bool, got fmt.Stringer) error {
	if unset {
		return fmt.Errorf("%s.type must be set: COMMAND, HTTP or TCP", field)
	}
	return fmt.Errorf("%s.type %v is none of COMMAND, HTTP, TCP", field, got)
}

func port(field string, n uint32) error {
	if n < 1 || n > math.MaxUint16 {
		return fmt.Errorf("%s.port %d is not from 1 to 65535", field, n)
	}
	return nil
}

func httpTarget(field string, n uint32, path *string) error {
	if path != nil && !strings.HasPrefix(*path, "/") {
		return fmt.Errorf("%s.path %q must start with \"/\"", field, *path)
	}
	if path != nil && strings.ContainsFunc(*path, unicode.IsControl) {
		return fmt.Errorf("%s.path %q must not hold control characters", field, *path)
	}
	return port(field, n)
}

func seconds(field string, times map[string]*float64) error {
	for _, name := range []string{"delay_seconds", "interval_seconds", "timeout_seconds", "grace_period_seconds"} {
		if v := times[name]; v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0) || *v < 0) {
			return fmt.Errorf("%s.%s %v must be a number that is not negative", field, name, *v)
		}
	}
	return nil
}
