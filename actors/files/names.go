package files

import (
	"os/user"
	"strconv"
	"sync"
)

// namesKept bounds the cache; user ids in a sandbox are the task's choice.
const namesKept = 1024

// names remembers the names of user and group ids: looking one up reads a file or asks a directory service.
type names struct {
	mu     sync.Mutex
	users  map[uint32]string
	groups map[uint32]string
}

func newNames() *names {
	return &names{users: map[uint32]string{}, groups: map[uint32]string{}}
}

func (n *names) user(id uint32) string {
	return n.get(n.users, id, func(id string) (string, error) {
		u, err := user.LookupId(id)
		if err != nil {
			return "", err
		}
		return u.Username, nil
	})
}

func (n *names) group(id uint32) string {
	return n.get(n.groups, id, func(id string) (string, error) {
		g, err := user.LookupGroupId(id)
		if err != nil {
			return "", err
		}
		return g.Name, nil
	})
}

func (n *names) get(cache map[uint32]string, id uint32, lookup func(string) (string, error)) string {
	n.mu.Lock()
	name, ok := cache[id]
	n.mu.Unlock()
	if ok {
		return name
	}
	number := strconv.FormatUint(uint64(id), 10)
	name, err := lookup(number)
	if err != nil {
		name = number
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(cache) >= namesKept {
		clear(cache)
	}
	cache[id] = name
	return name
}
