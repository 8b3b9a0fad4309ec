package flags

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxFile bounds what a value may read from a file, in bytes.
const maxFile = 16 << 20

// set takes one value as the user wrote it; source is how the user named the flag. The error names the source.
func (f *state) set(source, text string) error {
	if f.given != "" {
		return f.fail(source, fmt.Errorf("it was already given as %s", f.given))
	}
	f.given = source
	content, err := f.def.load(text)
	if err != nil {
		return f.fail(source, err)
	}
	value, canonical, err := f.def.parse(content)
	if err != nil {
		return f.fail(source, err)
	}
	f.value, f.text = value, canonical
	return nil
}

func (f *state) fail(source string, err error) error {
	f.err = fmt.Errorf("%s: %w", source, err)
	return f.err
}

// load follows a file:// value.
func (d *Def) load(text string) (string, error) {
	path, ok := strings.CutPrefix(text, "file://")
	if !ok {
		return text, nil
	}
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%s does not name an absolute path, like file:///etc/mesos/value", quote(text))
	}
	if d.Kind == File {
		return path, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("file of the value: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("file of the value: %w", err)
	}
	if len(content) > maxFile {
		return "", fmt.Errorf("file of the value: %s is larger than %d bytes", path, maxFile)
	}
	return strings.TrimRight(string(content), "\r\n"), nil
}

// environment fills in what the command line left out.
func (s *Set) environment() error {
	for _, f := range s.flags {
		// MESOS_VERSION is set in many images to say which Mesos is inside.
		if f.given != "" || f.def.Name == "version" {
			continue
		}
		for _, name := range []string{f.def.Name, f.def.Alias} {
			if name == "" {
				continue
			}
			variable := EnvPrefix + strings.ToUpper(name)
			text, ok := s.lookup(variable)
			if !ok || text == "" && f.def.Kind != String {
				continue
			}
			if err := f.set(variable, text); err != nil {
				return err
			}
			s.warn(f, variable, name)
		}
	}
	return nil
}

func (s *Set) warn(f *state, source, name string) {
	if name != f.def.Name {
		s.warnings = append(s.warnings, fmt.Sprintf("%s is an older name: use --%s", source, f.def.Name))
	}
}

// check says what is wrong with the values taken together, in the order of the tables.
func (s *Set) check() error {
	for _, f := range s.flags {
		if f.def.Unsupported && f.given != "" && f.text != f.defaultText() {
			return fmt.Errorf("flag %s is not supported: %s", f.given, f.def.wayOut())
		}
	}
	for _, f := range s.flags {
		if f.def.Required && (f.value == nil || f.text == "") {
			return fmt.Errorf("flag --%s is missing, and so is the variable %s%s: %s", f.def.Name, EnvPrefix, strings.ToUpper(f.def.Name), f.def.Usage)
		}
	}
	return nil
}

func (f *state) defaultText() string {
	if f.def.Default == "" {
		return ""
	}
	_, canonical, err := f.def.parse(f.def.Default)
	if err != nil {
		panic(err) // setDefault has read it before
	}
	return canonical
}

func (d *Def) wayOut() string {
	if d.Instead != "" {
		return d.Instead
	}
	if d.Default == "" {
		return "leave it out"
	}
	return fmt.Sprintf("leave it out, or at its default %s", quote(d.Default))
}
