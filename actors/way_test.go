package actors_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"testing"
)

// The way of a task in README.md names the functions that handle each message;
// a reader must find them there.
func TestWayOfATask(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z/_]+\\.go):([A-Za-z]+)`").FindAllStringSubmatch(string(text), -1)
	if len(named) < 30 {
		t.Fatalf("README.md names %d functions, want at least 30: has the form changed?", len(named))
	}
	for _, n := range named {
		file, function := n[1], n[2]
		if !defines(t, file, function) {
			t.Errorf("README.md names %s in %s, which has no such function", function, file)
		}
	}
}

func defines(t *testing.T, file, function string) bool {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("README.md names %s: %v", file, err)
		return true
	}
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == function {
			return true
		}
	}
	return false
}

func TestDefinesFindsOnlyWhatIsThere(t *testing.T) {
	if !defines(t, "way_test.go", "defines") || defines(t, "way_test.go", "noSuchFunction") {
		t.Error("defines does not tell a function that is there from one that is not")
	}
}
