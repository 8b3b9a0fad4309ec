package files

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"path"
	"strconv"
	"unicode/utf8"

	"mesos/actors/httpapi"
)

// Mount registers /files/browse, /files/read, /files/download and /files/debug.
func (f *Files) Mount(r *httpapi.Router) {
	r.Mount("/files/browse", http.HandlerFunc(f.serveBrowse))
	r.Mount("/files/read", http.HandlerFunc(f.serveRead))
	r.Mount("/files/download", http.HandlerFunc(f.serveDownload))
	r.Mount("/files/debug", http.HandlerFunc(f.serveDebug))
}

// Status is the answer's code for an error of this package.
func Status(err error) int {
	switch {
	case errors.Is(err, ErrInvalid):
		return http.StatusBadRequest
	case errors.Is(err, ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	}
	return http.StatusInternalServerError
}

func refuse(w http.ResponseWriter, err error) {
	httpapi.Errorf(w, Status(err), "The request for a file failed: %v.", err)
}

func writeJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		refuse(w, err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}

func (f *Files) serveBrowse(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		GID   string  `json:"gid"`
		Mode  string  `json:"mode"`
		MTime seconds `json:"mtime"`
		Nlink uint64  `json:"nlink"`
		Path  string  `json:"path"`
		Size  int64   `json:"size"`
		UID   string  `json:"uid"`
	}
	infos, err := f.Browse(r.URL.Query().Get("path"))
	if err != nil {
		refuse(w, err)
		return
	}
	entries := make([]entry, len(infos))
	for i, n := range infos {
		entries[i] = entry{n.GID, n.ModeString(), seconds(n.Modified.Unix()), n.Links, n.Path, n.Size, n.UID}
	}
	writeJSON(w, entries)
}

// seconds is a whole number of seconds that is printed as the double that it is elsewhere.
type seconds int64

func (s seconds) MarshalJSON() ([]byte, error) {
	return append(strconv.AppendInt(nil, int64(s), 10), ".0"...), nil
}

func (f *Files) serveRead(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	number := func(name string) (int64, bool) {
		text := query.Get(name)
		if text == "" {
			return -1, true
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			httpapi.Errorf(w, http.StatusBadRequest, "The parameter %s is %q: it must be a whole number of bytes, or -1.", name, text)
		}
		return n, err == nil
	}
	offset, ok := number("offset")
	if !ok {
		return
	}
	length, ok := number("length")
	if !ok {
		return
	}
	c, err := f.Read(query.Get("path"), offset, length)
	if err != nil {
		refuse(w, err)
		return
	}
	writeJSON(w, struct {
		Data   string `json:"data"`
		Offset int64  `json:"offset"`
	}{string(wholeRunes(c.Data)), c.Offset})
}

// wholeRunes leaves out a character that is cut at the end: the reader that asks on from there gets it whole, where
// half of it would be lost in a JSON string.
func wholeRunes(data []byte) []byte {
	for back := 1; back < utf8.UTFMax && back < len(data); back++ {
		tail := data[len(data)-back:]
		if utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return data[:len(data)-back]
			}
			return data
		}
	}
	return data
}

func (f *Files) serveDownload(w http.ResponseWriter, r *http.Request) {
	virtual := r.URL.Query().Get("path")
	file, info, err := f.Open(virtual)
	if err != nil {
		refuse(w, err)
		return
	}
	defer func() { _ = file.Close() }() // opened for reading only
	httpapi.Raw(w)
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(virtual)}))
	http.ServeContent(w, r, "", info.ModTime(), file)
}

func (f *Files) serveDebug(w http.ResponseWriter, _ *http.Request) { writeJSON(w, f.Attached()) }
