package consul

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"mesos/tests/cluster"
)

func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }

func startServers(t testing.TB, n int) *Servers {
	t.Helper()
	return Start(t, Options{Servers: n})
}

// destroySessions ends every session, as an operator may.
func (s *Servers) destroySessions() {
	s.t.Helper()
	var sessions []struct{ ID string }
	if err := json.Unmarshal([]byte(get("http://"+s.All[0].Addr+"/v1/session/list?consistent")), &sessions); err != nil {
		s.t.Fatal(err)
	}
	for _, one := range sessions {
		r, err := http.NewRequest(http.MethodPut, "http://"+s.All[0].Addr+"/v1/session/destroy/"+one.ID, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			s.t.Fatal(err)
		}
		answer.Body.Close()
	}
}
