package boot

// fields are those that the new process needs. TestWire knows which are not.
func (l *Launch) fields(w *wire) {
	words(w, &l.File)
	list(w, &l.Argv, words[string])
	list(w, &l.Env, words[string])
	words(w, &l.Dir)
	words(w, &l.Search)
	optional(w, &l.User, userFields)
	number(w, &l.Clone)
	words(w, &l.Enter)
	list(w, &l.Join, func(w *wire, j *Join) {
		number(w, &j.Kind)
		words(w, &j.Path)
	})
	list(w, &l.UIDs, idFields)
	list(w, &l.GIDs, idFields)
	words(w, &l.Remap)
	w.flag(&l.Init)
	words(w, &l.Hostname)
	w.flag(&l.Loopback)
	w.flag(&l.OwnCgroups)
	words(w, &l.Rootfs)
	list(w, &l.Mounts, mountFields)
	list(w, &l.Masked, words[string])
	list(w, &l.ReadOnly, words[string])
	list(w, &l.Hooks, func(w *wire, h *Hook) {
		words(w, &h.Path)
		list(w, &h.Argv, words[string])
		list(w, &h.Env, words[string])
		number(w, &h.Seconds)
	})
	words(w, &l.State)
	list(w, &l.RLimits, func(w *wire, r *RLimit) {
		number(w, &r.Which)
		number(w, &r.Soft)
		number(w, &r.Hard)
	})
	optional(w, &l.Capabilities, func(w *wire, c *Capabilities) {
		number(w, &c.Effective)
		number(w, &c.Bounding)
	})
	w.flag(&l.NoNewPrivs)
	words(w, &l.Seccomp)
	w.flag(&l.DieWithParent)
}

func userFields(w *wire, u *User) {
	number(w, &u.UID)
	number(w, &u.GID)
	list(w, &u.Groups, number[int])
}

func idFields(w *wire, m *IDMap) {
	number(w, &m.Inside)
	number(w, &m.Outside)
	number(w, &m.Size)
}

func mountFields(w *wire, m *Mount) {
	words(w, &m.Source)
	words(w, &m.Target)
	words(w, &m.Type)
	number(w, &m.Flags)
	words(w, &m.Data)
	w.flag(&m.Owned)
	words(w, &m.Within)
	words(w, &m.From)
	w.flag(&m.Make)
}
