package metrics

import (
	"context"
	"math"
	"net/http"
	"strconv"

	"mesos/actors/httpapi"
	"mesos/messages/units"
)

// ServeSnapshot is /metrics/snapshot: one flat JSON object from name to number. The parameter timeout ("2secs") bounds
// the wait for sources, which are then left out; without it all are waited for.
func (r *Registry) ServeSnapshot(w http.ResponseWriter, req *http.Request) {
	ctx := req.Context()
	if query := req.URL.Query(); query.Has("timeout") {
		timeout, err := units.ParseDuration(query.Get("timeout"))
		if err != nil {
			httpapi.Errorf(w, http.StatusBadRequest, "The parameter timeout is not valid: %v.", err)
			return
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, appendSamples(nil, r.Gather(ctx)))
}

// ServeStats is /system/stats.json.
func ServeStats(w http.ResponseWriter, _ *http.Request) {
	s, err := ReadSystem()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "The state of the machine could not be read: %v.", err)
		return
	}
	b := append([]byte(nil), `{"avg_load_1min":`...)
	b = appendNumber(b, s.Load1)
	b = appendNumber(append(b, `,"avg_load_5min":`...), s.Load5)
	b = appendNumber(append(b, `,"avg_load_15min":`...), s.Load15)
	b = strconv.AppendInt(append(b, `,"cpus_total":`...), int64(s.CPUs), 10)
	b = strconv.AppendUint(append(b, `,"mem_total_bytes":`...), s.MemTotal, 10)
	b = strconv.AppendUint(append(b, `,"mem_free_bytes":`...), s.MemFree, 10)
	httpapi.WriteBody(w, httpapi.MediaJSON, append(b, '}'))
}

func appendSamples(b []byte, samples []Sample) []byte {
	b = append(b, '{')
	for i, s := range samples {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s.Name)
		b = appendNumber(append(b, ':'), s.Value)
	}
	return append(b, '}')
}

// appendNumber writes a finite double so that it always reads as one: with a point or an exponent.
func appendNumber(b []byte, v float64) []byte {
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	start := len(b)
	b = strconv.AppendFloat(b, v, format, -1, 64)
	for _, c := range b[start:] {
		if c == '.' || c == 'e' {
			return b
		}
	}
	return append(b, ".0"...)
}
