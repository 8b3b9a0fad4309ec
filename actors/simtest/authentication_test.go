package simtest

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/authentication"
	"mesos/actors/master"
	"mesos/messages/internalpb"
)

// guarded is a cluster whose master hears only those who authenticate. Its agents do.
func guarded(agents int, seed uint64) Options {
	return Options{
		Agents: agents, Seed: seed, Referee: true, Credential: &authentication.Credential{Principal: "agents", Secret: "a"},
		Master: master.Config{
			Credentials:        authentication.Credentials{"agents": "a", "alice": "x", "bob": "y"},
			AuthenticateAgents: true, AuthenticateFrameworks: true,
		},
	}
}

// as is a framework that shows a credential and goes by a principal.
func as(principal, secret, goesBy string) FrameworkOptions {
	o := FrameworkOptions{Info: aware()}
	if principal != "" {
		o.Credential = &authentication.Credential{Principal: principal, Secret: secret}
	}
	if goesBy != "" {
		o.Info.Principal = &goesBy
	}
	return o
}

// Whatever of the exchange is lost, late or comes twice: in the end agents and frameworks are known, and tasks run.
func TestAuthenticationUnderFaults(t *testing.T) {
	rules := []string{""}
	for _, message := range []string{
		"AuthenticateMessage", "AuthenticationMechanismsMessage", "AuthenticationStartMessage", "AuthenticationStepMessage", "AuthenticationCompletedMessage",
		"RegisterSlaveMessage", "Call.SUBSCRIBE",
	} {
		for _, action := range []string{"drop", "duplicate", "delay 3s", "hangup"} {
			rules = append(rules, action+" message="+message+" count=3")
		}
	}
	for i, rule := range rules {
		t.Run(rule, func(t *testing.T) {
			Run(t, guarded(0, uint64(i+1)), func(c *Cluster) {
				if rule != "" {
					c.rule(rule)
				}
				c.AddAgent("cpus:1;mem:1024")
				f := c.Framework("web", as("alice", "x", "alice"))
				f.Launch("first", "true", "cpus:1;mem:32")
				c.Until(10*time.Minute, "a task of those who are known", f.In("first", finished))
				c.Check()
			})
		})
	}
}

// Who was known before a session ended, or a master, must show it again, and does.
func TestAuthenticationAfterASession(t *testing.T) {
	Run(t, guarded(1, 1), func(c *Cluster) {
		f := c.Framework("web", as("alice", "x", ""))
		f.Launch("forever", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task", func() bool { return c.Runs("forever") == 1 })
		for _, trouble := range []func(){
			func() { c.Net.Break(c.Master().Addr, c.Agents[0].Addr()) },
			func() { c.Net.Break(c.Master().Addr, f.program.addr) },
			func() { c.CrashMaster(); c.StartMaster() },
			func() { c.Agents[0].Crash(); c.Agents[0].Start() },
		} {
			trouble()
			f.Launch("next", "true", "cpus:1;mem:32")
			c.Until(10*time.Minute, "a task after it", f.In("next", finished))
			f.Forget()
		}
		if c.Runs("forever") != 1 {
			t.Error("the task did not live through it")
		}
	})
}

// A master that authenticates nobody hears those who would, too: credentials can be given to programs in any order.
func TestCredentialsForNobody(t *testing.T) {
	o := guarded(1, 1)
	o.Master = master.Config{}
	Run(t, o, func(c *Cluster) {
		f := c.Framework("web", as("alice", "x", "alice"))
		f.Launch("t", "true", "cpus:1;mem:32")
		c.Until(time.Minute, "the task", f.In("t", finished))
	})
}

// Strangers are not heard: frameworks are told so, agents try for ever.
func TestStrangersAreNotHeard(t *testing.T) {
	for _, x := range []struct{ principal, secret, goesBy, want string }{
		{"", "", "", "name your credential"},
		{"", "", "alice", "name your credential"},
		{"alice", "y", "alice", "does not know this principal, or by another secret"},
		{"eve", "x", "", "does not know this principal, or by another secret"},
		{"bob", "y", "alice", `it is "alice", and the request comes from "bob"`},
	} {
		Run(t, guarded(0, 1), func(c *Cluster) {
			f := c.Framework("web", as(x.principal, x.secret, x.goesBy))
			c.Until(time.Minute, "the refusal", func() bool { return f.Err() != nil })
			if err := f.Err(); !strings.Contains(err.Error(), x.want) {
				t.Errorf("%v: got %q, want it to say %q", x, err, x.want)
			}
		})
	}
	o := guarded(0, 1)
	o.Credential = nil
	Run(t, o, func(c *Cluster) {
		c.AddAgent("cpus:1;mem:32")
		c.Advance(10 * time.Minute)
		if id := c.Agents[0].ID(); id != "" {
			t.Errorf("an agent without a credential: got the id %s, want none", id)
		}
	})
}

// Drivers of version 0 authenticate by a process of their own, as libmesos does, before they register.
func TestV0Authentication(t *testing.T) {
	Run(t, guarded(0, 1), func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		c.Until(time.Minute, "the refusal of one that did not", func() bool { return len(f.Errors()) == 1 && strings.Contains(f.Errors()[0], "not authenticated") })
		f.Tell(&internalpb.AuthenticateMessage{Pid: proto.String("scheduler(1)@10.9.9.9:99")})
		c.Until(time.Minute, "the refusal of one that speaks for another program", func() bool { return f.Heard("AuthenticationErrorMessage") == 1 })
		f.Tell(&internalpb.AuthenticateMessage{Pid: proto.String(f.p.Self().String())})
		c.Until(time.Minute, "the mechanisms", func() bool { return f.Heard("AuthenticationMechanismsMessage") == 1 })
		f.Tell(&internalpb.AuthenticationStartMessage{Mechanism: proto.String("PLAIN")})
		c.Until(time.Minute, "the refusal of a mechanism", func() bool { return f.Heard("AuthenticationErrorMessage") == 2 })
		f.Tell(&internalpb.AuthenticationStepMessage{Data: []byte("alice x")})
		c.Advance(time.Minute)
		if n := f.Heard("AuthenticationCompletedMessage"); n != 0 {
			t.Errorf("an answer without a challenge: got known %d times, want never", n)
		}
	})
}
