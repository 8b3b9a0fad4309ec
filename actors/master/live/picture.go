package live

import "encoding/json"

// Summary is a cluster in a few numbers: all that the first page shows until the rows are there.
type Summary struct {
	Agents   map[string]int `json:"agents"`   // by state
	Versions map[string]int `json:"versions"` // of agents
	Tasks    map[string]int `json:"tasks"`    // by state, history included
	Live     int            `json:"live"`     // tasks that are no history
	Total    Amounts        `json:"total"`
	Used     Amounts        `json:"used"`
	Offered  Amounts        `json:"offered"`
}

// Summary adds up everything.
func (b *Book) Summary() Summary {
	sums := b.Sums()
	s := Summary{
		Agents: map[string]int{}, Versions: map[string]int{}, Tasks: map[string]int{}, Live: len(b.tasks.live.rows),
		Total: sums.Total, Used: sums.Used, Offered: sums.Offered,
	}
	for _, e := range b.agents.rows {
		s.Agents[e.row.State]++
		s.Versions[e.row.Version]++
	}
	for _, t := range b.tasks.live.rows {
		s.Tasks[t.row.State]++
	}
	for key, t := range b.tasks.past {
		if !b.tasks.live.has(key) {
			s.Tasks[t.view.State.String()]++
		}
	}
	return s
}

// rowsEach is how many rows a line of a picture has: what a browser reads without a pause that a person notices.
const rowsEach = 500

// Picture is everything, as lines of JSON, in the order in which a page needs it.
// The first holds what is small: the name of the newest change, behind which the feed goes on, the seconds
// between the samples of the history, the history, the summary, the master, the settings and the frameworks.
// Then come the agents, tasks, offers and executors, so many in a line, each
// line as the members of a Change. The last one says that it is the end.
func (b *Book) Picture(last string, every float64, h *History) [][]byte {
	first := encoded(struct {
		Last       string      `json:"last"`
		Every      float64     `json:"history_seconds"`
		History    *History    `json:"history"`
		Summary    Summary     `json:"summary"`
		Master     *Master     `json:"master"`
		Settings   *Settings   `json:"settings"`
		Frameworks []Framework `json:"frameworks"`
	}{last, every, h, b.Summary(), &b.master, &b.settings, b.frameworks.all()})
	l := &lines{all: [][]byte{append(first, '\n')}}
	l.begin("agents")
	for text := range b.agents.texts {
		l.row(text)
	}
	l.begin("tasks")
	for text := range b.tasks.texts {
		l.row(text)
	}
	l.begin("offers")
	for text := range b.offers.texts {
		l.row(text)
	}
	l.begin("executors")
	for text := range b.executors.texts {
		l.row(text)
	}
	l.end()
	return append(l.all, []byte("{\"end\":true}\n"))
}

// lines puts rows together.
type lines struct {
	all  [][]byte
	name string
	line []byte
	rows int
}

// begin ends the line; those that follow hold rows of another kind.
func (l *lines) begin(name string) {
	l.end()
	l.name = name
}

func (l *lines) row(text []byte) {
	if l.rows == 0 {
		l.line = append(append(append(make([]byte, 0, rowsEach*(len(text)+32)), `{"`...), l.name...), `":[`...)
	} else {
		l.line = append(l.line, ',')
	}
	l.line = append(l.line, text...)
	if l.rows++; l.rows == rowsEach {
		l.end()
	}
}

func (l *lines) end() {
	if l.rows > 0 {
		l.all = append(l.all, append(l.line, "]}\n"...))
	}
	l.line, l.rows = nil, 0
}

// encoded is a row as JSON. Rows are text and finite numbers, which have a form.
func encoded(row any) []byte {
	text, err := json.Marshal(row)
	if err != nil {
		panic("live: a row without JSON form: " + err.Error())
	}
	return text
}
