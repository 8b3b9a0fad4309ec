package repo

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// area is code that decides without touching the world: the same input gives the same answer, on any clock.
type area struct {
	folder  string   // relative to the root; what lies below belongs to it
	edges   []string // its files that may touch the world
	because string
}

var pure = []area{
	{"messages", nil, "what travels is data, and the arithmetic and the text forms of data"},
	{"actors/allocator", []string{"actor.go"}, "the core is replayed by the simulator and by model tests; it is given now"},
	{"actors/chronos/schedule", nil, "a slot depends on nothing but its schedule: two schedulers agree on it"},
	{"actors/chronos/job", nil, "what a job means depends on what its user wrote"},
	{"actors/chronos/plan", nil, "what runs is decided on the virtual clock of the simulator, and by table tests"},
	{"actors/checks", []string{"socket.go", "get.go"}, "when to probe and what a result means is told by table tests and on a virtual clock"},
	{"actors/marathon/model", nil, "what is valid, and which version follows, depends on what was sent and what there is"},
	{"actors/marathon/plan", nil, "a decision that was lost in a crash is made again; table tests give now"},
	{"actors/marathon/match", nil, "an offer fits or not, whoever asks; random ports are drawn from the actor's own source"},
	{"actors/master/gauges", nil, "a picture counts the same whenever it is counted"},
	{"actors/master/life", nil, "an agent's way is a table"},
	{"actors/master/live", nil, "what changed between two pictures is told by table tests"},
	{"actors/master/quota", nil, "a quota is decided by what is durable and a picture, both given"},
	{"actors/master/v0", nil, "a message stands for one call, an event for one message"},
	{"actors/master/validation", nil, "whether a call is valid depends on the call and the state given, nothing else"},
}

// impure are the packages that reach out of the process or make every run different.
var impure = map[string]string{
	"os":                     "files, environment and process belong to edges",
	"os/exec":                "starting programs belongs to edges",
	"syscall":                "the kernel belongs to edges",
	"net":                    "sockets belong to edges",
	"net/http":               "HTTP belongs to edges",
	"crypto/rand":            "take the random bytes as an argument",
	"math/rand":              "take a *rand.Rand of math/rand/v2, so that a seed replays the run",
	"github.com/google/uuid": "take the id as an argument",
}

// clocks are the functions of package time that look at the clock or wait for it.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// seeded are the names of math/rand/v2 that make or hold a source given by the caller; the rest draws from a global one.
var seeded = []string{"New", "Rand", "Source", "NewPCG", "PCG", "NewChaCha8", "ChaCha8", "NewZipf", "Zipf"}

func TestPureCode(t *testing.T) {
	for _, a := range pure {
		checked := 0
		for _, f := range goFiles(t) {
			if f.test || f.generated || !within(path.Dir(f.path), a.folder) || slices.Contains(a.edges, path.Base(f.path)) {
				continue
			}
			checked++
			for _, offence := range impurities(f) {
				t.Errorf("%s; %s is pure: %s", offence, a.folder, a.because)
			}
		}
		if checked == 0 {
			t.Errorf("no file in %s: the rule guards nothing", a.folder)
		}
	}
}

// impurities are the places where a file touches the world, each with what to do instead.
func impurities(f *goFile) []string {
	var out []string
	names := map[string]string{} // local name of package time or rand -> its path
	for _, spec := range f.ast.Imports {
		p, _ := strconv.Unquote(spec.Path.Value)
		if why, bad := impure[p]; bad {
			out = append(out, f.line(spec.Pos())+": imports "+p+": "+why)
		}
		switch p {
		case "time":
			names[localName(spec, "time")] = p
		case "math/rand/v2":
			names[localName(spec, "rand")] = p
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		switch p := names[x.Name]; {
		case p == "time" && slices.Contains(clocks, sel.Sel.Name):
			out = append(out, f.line(sel.Pos())+": time."+sel.Sel.Name+": take now as an argument")
		case p == "math/rand/v2" && !slices.Contains(seeded, sel.Sel.Name):
			out = append(out, f.line(sel.Pos())+": rand."+sel.Sel.Name+" draws from the global source: take a *rand.Rand")
		}
		return true
	})
	return out
}

func localName(spec *ast.ImportSpec, usual string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return usual
}

func TestImpurities(t *testing.T) {
	for _, c := range []struct {
		name, code string
		want       int
	}{
		{"durations", `import "time"; const d = 3 * time.Second; func f(t time.Time) bool { return t.IsZero() }`, 0},
		{"clock", `import "time"; var a = time.Now()`, 1},
		{"renamed clock", `import clock "time"; var a = clock.After(1)`, 1},
		{"own Now", `var time struct{ Now func() }; func f() { time.Now() }`, 0},
		{"own source", `import "math/rand/v2"; func f(r *rand.Rand) int { return r.IntN(3) }`, 0},
		{"global source", `import "math/rand/v2"; var a = rand.IntN(3)`, 1},
		{"environment", `import "os"; var a = os.Getenv("A")`, 1},
	} {
		f := parse(t, "package p; "+c.code)
		if got := impurities(f); len(got) != c.want {
			t.Errorf("%s: got %d offences, want %d:\n%s", c.name, len(got), c.want, strings.Join(got, "\n"))
		}
	}
}
