package repo

import (
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// parse makes a goFile of a piece of code.
func parse(t *testing.T, code string) *goFile {
	t.Helper()
	f := &goFile{source: source{path: "x.go", text: []byte(code)}, fset: token.NewFileSet()}
	var err error
	if f.ast, err = parser.ParseFile(f.fset, f.path, code, parser.ParseComments); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestPackageComments wants one comment for each package, in one place, that says what the package owns. Packages of
// generated code need it too, in a doc.go beside the generated files.
func TestPackageComments(t *testing.T) {
	type state struct {
		name string
		docs []*goFile
	}
	packages := map[string]*state{}
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.ast.Name.Name, "_test") {
			continue // external tests document nothing
		}
		s := packages[f.pkg]
		if s == nil {
			s = &state{name: f.ast.Name.Name}
			packages[f.pkg] = s
		}
		if f.ast.Doc != nil {
			s.docs = append(s.docs, f)
		}
	}
	for pkg, s := range packages {
		switch len(s.docs) {
		case 0:
			t.Errorf("%s has no package comment: say what it owns, who calls it, what it never does", pkg)
		case 1:
			text := s.docs[0].ast.Doc.Text()
			if s.name != "main" && !strings.HasPrefix(text, "Package "+s.name+" ") {
				t.Errorf("%s: the package comment begins %.30q, want \"Package %s …\"", s.docs[0].path, text, s.name)
			}
		default:
			var paths []string
			for _, f := range s.docs {
				paths = append(paths, f.path)
			}
			t.Errorf("%s has package comments in %s: keep one", pkg, strings.Join(paths, ", "))
		}
	}
}
