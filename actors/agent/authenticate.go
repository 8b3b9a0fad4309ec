package agent

// authenticated goes on when the master knows whose agent this is.
func (a *Agent) authenticated() {
	if !a.registered {
		a.register()
	}
}

// notAuthenticated tells why the master does not hear this agent. It tries again: its tasks run on meanwhile.
func (a *Agent) notAuthenticated(err error) {
	a.log.Error("the master does not hear this agent", "agent_id", a.id, "master", a.conf.Master.String(), "flag", "credential", "error", err)
}
