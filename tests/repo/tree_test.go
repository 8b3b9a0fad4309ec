package repo

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// source is one file of the repository, whatever its language.
type source struct {
	path string // relative to the root, with slashes
	text []byte
}

// goFile is a Go file of our main module, parsed with comments.
type goFile struct {
	source
	pkg       string // import path of its folder
	test      bool
	generated bool
	fset      *token.FileSet
	ast       *ast.File
}

func (f *goFile) imports() []string {
	var paths []string
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			panic(err) // the parser has accepted it
		}
		paths = append(paths, p)
	}
	return paths
}

// line is "path:line" of a place in the file.
func (f *goFile) line(pos token.Pos) string {
	return f.path + ":" + strconv.Itoa(f.fset.Position(pos).Line)
}

const root = "../.."

// skipped folders hold what is built or downloaded, never what we write.
var skipped = map[string]bool{".git": true, "bin": true, "node_modules": true}

// allSources reads every file of the checkout below 1 MB.
var allSources = sync.OnceValues(func() ([]source, error) {
	var out []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && skipped[d.Name()] {
			return fs.SkipDir
		}
		if info, err := d.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
			return err
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		out = append(out, source{filepath.ToSlash(rel), text})
		return err
	})
	return out, err
})

func sources(t *testing.T) []source {
	t.Helper()
	all, err := allSources()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var allGo = sync.OnceValues(func() ([]*goFile, error) {
	all, err := allSources()
	if err != nil {
		return nil, err
	}
	modules := map[string]bool{} // folders with a go.mod of their own
	for _, s := range all {
		if path.Base(s.path) == "go.mod" && s.path != "go.mod" {
			modules[path.Dir(s.path)] = true
		}
	}
	var out []*goFile
	for _, s := range all {
		if !strings.HasSuffix(s.path, ".go") || inOtherModule(modules, s.path) {
			continue
		}
		f := &goFile{source: s, pkg: path.Join("mesos", path.Dir(s.path)), fset: token.NewFileSet()}
		f.test = strings.HasSuffix(s.path, "_test.go")
		if f.ast, err = parser.ParseFile(f.fset, s.path, s.text, parser.ParseComments); err != nil {
			return nil, err
		}
		f.generated = ast.IsGenerated(f.ast)
		out = append(out, f)
	}
	return out, nil
})

func inOtherModule(modules map[string]bool, file string) bool {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if modules[dir] {
			return true
		}
	}
	return false
}

func goFiles(t *testing.T) []*goFile {
	t.Helper()
	all, err := allGo()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no Go files found: the test looks in the wrong place")
	}
	return all
}

// within reports whether an import path is dir or lies below it.
func within(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }
