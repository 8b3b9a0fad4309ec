package consul

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/hashicorp/consul/api"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
	"mesos/registry"
)

// importing is the table of the one row that is there while an import is not
// finished: a master that finds it does not lead on half a registry.
const importing = "importing"

// ErrLed is what Import says while a master leads, or stands by and is quicker.
var ErrLed = errors.New("a master leads: stop every master of the cluster first")

// ErrExists is what Import says of a path that has a registry.
var ErrExists = errors.New("there is a registry")

// String is the URL, without settings.
func (c Config) String() string {
	text := Scheme
	for i, a := range c.Addrs {
		if i > 0 {
			text += ","
		}
		text += a
	}
	return text + "/" + c.Path
}

// Read reads all of the registry as it is at one moment, whether or not a master
// leads, and changes nothing. If there is none the error wraps [registry.ErrNone].
func Read(ctx context.Context, conf Config) (*registry.State, error) {
	c, err := newClient(conf)
	if err != nil {
		return nil, err
	}
	s, err := registry.Read(ctx, func(ctx context.Context, row func(registry.Row) error) error { return load(ctx, c, row) })
	if err != nil {
		return nil, fmt.Errorf("registry at %v: %w", conf, err)
	}
	if !s.Empty() {
		return s, nil
	}
	pair, _, err := c.get(ctx, c.key("sequence"), 0)
	if err == nil && pair == nil {
		err = fmt.Errorf("%w: there are no keys", registry.ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("registry at %v: %w", conf, err)
	}
	return s, nil
}

// Import makes the registry of a path that has none. Until it is done it keeps every
// master from leading; if it is not finished, because this program is killed say,
// masters refuse what is there until an import is. Errors wrap [ErrLed] or
// [ErrExists] where that is why.
func Import(ctx context.Context, conf Config, s *registry.State, log *slog.Logger) error {
	rows, err := s.Rows()
	if err != nil {
		return err
	}
	c, err := newClient(conf)
	if err != nil {
		return err
	}
	for {
		// A Consul that was slow for a moment ends the session: nothing is lost by beginning again.
		err := importRows(ctx, c, rows, log)
		if err != nil && errors.Is(err, registry.ErrDeposed) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return fmt.Errorf("registry at %v: %w", conf, err)
		}
		return nil
	}
}

func importRows(ctx context.Context, c *client, rows []registry.Row, log *slog.Logger) (err error) {
	st, err := hold(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	old, err := leftover(ctx, st)
	if err != nil {
		return err
	}
	mark := registry.Row{Table: importing, Key: "unfinished", Value: []byte("1")}
	done := registry.Row{Table: importing, Key: "unfinished"}
	all := append([]registry.Row{mark}, old...)
	for _, part := range [][]registry.Row{all, rows, {done}} {
		writes, err := limits.Split(part)
		if err != nil {
			return err
		}
		for _, w := range writes {
			if err := st.Write(ctx, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold takes the leader's key, with a value that names nobody.
func hold(ctx context.Context, c *client, log *slog.Logger) (*Store, error) {
	free := func(own string) (held bool, err error) {
		pair, _, err := c.get(ctx, c.key("leader"), 0)
		switch {
		case err != nil:
			return false, err
		case pair == nil || pair.Session == "":
			return false, nil
		case pair.Session != own:
			return false, fmt.Errorf("%w: %s", ErrLed, leaderName(pair))
		}
		return true, nil
	}
	if _, err := free(""); err != nil {
		return nil, err
	}
	s, err := newSession(ctx, c, nil, log)
	if err != nil {
		return nil, err
	}
	contender := &Contender{c, log}
	for {
		err := contender.acquire(ctx, s, nil)
		held := false
		if err == nil {
			held, err = free(s.id)
		}
		if err == nil && held {
			return newStore(c, s, log), nil
		}
		if err == nil {
			err = s.over()
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			tidy, cancel := context.WithTimeout(context.Background(), askTime)
			defer cancel()
			s.close(tidy)
			return nil, err
		}
		pause(ctx, lockPoll) // the lock's delay after a leader's death
	}
}

func leaderName(pair *api.KVPair) string {
	info := &v1.MasterInfo{}
	if len(pair.Value) == 0 || mesosjson.Unmarshal(pair.Value, info) != nil {
		return "another import, or a program that is not known, holds the key " + pair.Key
	}
	return info.GetPid()
}

// leftover is what deletes the rows of an import that was not finished. Without one
// there may be no rows.
func leftover(ctx context.Context, st *Store) ([]registry.Row, error) {
	var rows []registry.Row
	unfinished := false
	if err := st.readSequence(ctx); err != nil {
		return nil, err
	}
	if err := list(ctx, st.c, func(r registry.Row) error {
		if r.Table == importing {
			unfinished = true
		} else {
			rows = append(rows, registry.Row{Table: r.Table, Key: r.Key})
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if len(rows) > 0 && !unfinished {
		return nil, fmt.Errorf("%w: export it if it is still needed, and delete the keys below %s", ErrExists, st.c.key("registry/"))
	}
	return rows, nil
}
