package hosts

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// cronPath is that of chronos's keys in Consul.
const cronPath = "chronos"

// crons are the programs chronos of a world, on hosts of their own, one of which leads.
type crons struct {
	*world
	all   []*cluster.Process
	hosts []*host

	restarts int // of programs that had ended
}

// startCrons starts a world without tasks, and n programs chronos in it.
func startCrons(t *testing.T, n int, o options, flags ...string) *crons {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	o.watch = cronPath
	k := &crons{world: newWorld(t, o)}
	for i := range n {
		name := fmt.Sprint("chronos-", i)
		h := k.net.host(name)
		k.hosts = append(k.hosts, h)
		k.all = append(k.all, k.c.Daemon(name, h.ip+":4400", h.ns, "/ping", append([]string{
			cluster.Binary(t, "chronos"), "--master=" + k.url(), "--consul=" + k.urlOf(cronPath), "--ip=" + h.ip, "--port=4400", "--hostname=" + h.ip,
		}, flags...)...))
	}
	return k
}

// hostOfCron is where a chronos runs.
func (k *crons) hostOfCron(p *cluster.Process) *host {
	for i, one := range k.all {
		if one == p {
			return k.hosts[i]
		}
	}
	k.t.Fatalf("%s is no chronos", p.Name)
	return nil
}

// startEnded starts programs again that have ended, since they lost their session.
func (k *crons) startEnded() {
	k.t.Helper()
	for _, p := range slices.Concat(k.all, k.c.Masters) {
		if p.StartEnded() {
			k.restarts++
		}
	}
}

// sound fails the test if a program has ended by a mistake of its own.
func (k *crons) sound() {
	k.t.Helper()
	for _, p := range slices.Concat(k.all, k.c.Masters, k.c.Agents) {
		for _, word := range []string{"\npanic: ", "\nfatal error: "} {
			if _, story, found := strings.Cut(p.Log(), word); found {
				k.t.Errorf("%s:%s%.3000s", p.Name, word, story)
			}
		}
	}
}

// leader waits for a chronos that answers for jobs itself. Those that have ended meanwhile are started again.
func (k *crons) leader() (leader *cluster.Process) {
	k.t.Helper()
	eventually(k.t, "a chronos to lead", func() string {
		k.startEnded()
		for _, p := range k.all {
			if getJSON(p.URL("/v1/scheduler/jobs"), new([]any)) == nil {
				leader = p
				return ""
			}
		}
		return "none does"
	})
	return leader
}

// add posts a job, again and again until a leader has it.
func (k *crons) add(path string, job map[string]any) {
	k.t.Helper()
	body, err := json.Marshal(job)
	if err != nil {
		k.t.Fatal(err)
	}
	eventually(k.t, "the job to be taken", func() string {
		r, err := client.Post(k.leader().URL(path), "application/json", strings.NewReader(string(body)))
		if err != nil {
			return err.Error()
		}
		defer r.Body.Close()
		if text, err := io.ReadAll(r.Body); r.StatusCode != http.StatusNoContent {
			return fmt.Sprintf("%s %s %v", r.Status, text, err)
		}
		return ""
	})
}

// ended is a run that chronos knows to be over.
type ended struct {
	Due     time.Time
	Outcome string
	Reason  string
	Tries   []struct{ TaskID, State string }
}

// history are the runs of a job that are over, by the milliseconds of their slots.
func (k *crons) history(job string) (map[int64][]ended, error) {
	var h struct{ Runs []ended }
	if err := getJSON(k.leader().URL("/v1/scheduler/job/history/"+job), &h); err != nil {
		return nil, err
	}
	out := map[int64][]ended{}
	for _, r := range h.Runs {
		if r.Outcome != "" {
			out[r.Due.UnixMilli()] = append(out[r.Due.UnixMilli()], r)
		}
	}
	return out, nil
}

// allEnded waits until n runs of a job are over, and for each of them as long as for anything: a busy machine may have many to
// catch up with.
func (k *crons) allEnded(job string, n int) (all map[int64][]ended) {
	k.t.Helper()
	for len(all) < n {
		eventually(k.t, fmt.Sprintf("another run of %s to end, %d of %d have", job, len(all), n), func() string {
			k.startEnded()
			now, err := k.history(job)
			switch {
			case err != nil:
				return err.Error()
			case len(now) <= len(all):
				return "none has"
			}
			all = now
			return ""
		})
	}
	return all
}
