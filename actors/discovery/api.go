package discovery

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// API answers for a Zone over HTTP, in the shapes of mesos-dns:
//
//	GET /v1/version             {"Service","Version","URL"}
//	GET /v1/config              {"Domain"}
//	GET /v1/hosts/HOST          [{"host","ip"}]
//	GET /v1/services/SERVICE    [{"service","host","ip","port"}]; one for each address of a host
//	GET /v1/enumerate           {"records":[{"name","host","rtype"}]}
//
// What is not known is an empty list.
func API(z *Zone, version string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"Service": "mesos dns", "Version": version, "URL": ""})
	})
	mux.HandleFunc("GET /v1/config", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"Domain": z.Domain()})
	})
	mux.HandleFunc("GET /v1/hosts/{host}", func(w http.ResponseWriter, r *http.Request) { answer(w, hosts(z, r.PathValue("host"))) })
	mux.HandleFunc("GET /v1/services/{service}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, services(z, r.PathValue("service")))
	})
	mux.HandleFunc("GET /v1/enumerate", func(w http.ResponseWriter, _ *http.Request) { answer(w, z.enumerate()) })
	return mux
}

type host struct {
	Host string `json:"host"`
	IP   string `json:"ip"`
}

type service struct {
	Service string `json:"service"`
	Host    string `json:"host"`
	IP      string `json:"ip"`
	Port    string `json:"port"`
}

type line struct {
	Name string `json:"name"`
	Host string `json:"host"`
	Type string `json:"rtype"`
}

// plain is a name as the Zone has it: a dot at its end and upper case do not matter.
func plain(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

func hosts(z *Zone, name string) []host {
	all := []host{}
	for _, a := range z.Hosts(plain(name)) {
		all = append(all, host{plain(name) + ".", a.String()})
	}
	return all
}

func services(z *Zone, name string) []service {
	all := []service{}
	for _, s := range z.Services(plain(name)) {
		for _, a := range z.Hosts(s.Target) {
			all = append(all, service{plain(name), s.Target + ".", a.String(), strconv.Itoa(int(s.Port))})
		}
	}
	return all
}

// enumerate lists all there is.
func (z *Zone) enumerate() map[string][]line {
	z.mu.RLock()
	defer z.mu.RUnlock()
	lines := []line{}
	for name, addrs := range z.hosts {
		for a := range addrs {
			kind := "AAAA"
			if a.Is4() {
				kind = "A"
			}
			lines = append(lines, line{name + ".", a.String(), kind})
		}
	}
	for name, targets := range z.services {
		for s := range targets {
			lines = append(lines, line{name + ".", s.Target + ".:" + strconv.Itoa(int(s.Port)), "SRV"})
		}
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Host, b.Host))
	})
	return map[string][]line{"records": lines}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // whom it does not reach has gone
}
