package localprovider

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/mesosjson"
)

// configDir is a directory of configurations.
type configDir string

func equal(a, b *v1.ResourceProviderInfo) bool { return proto.Equal(a, b) }

// load reads all files that end in .json. Of two with one type and name the first by its file's name counts.
func (d configDir) load(types map[string]Type, log *slog.Logger) (map[key]config, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, fmt.Errorf("configurations of resource providers: %w", err)
	}
	out := map[key]config{}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".json") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		file := filepath.Join(string(d), e.Name())
		info, err := readConfig(file)
		if err == nil {
			err = check(types, info)
		}
		if err == nil {
			err = place(types, out, info)
		}
		if c, twice := out[keyOf(info)]; err == nil && twice {
			err = fmt.Errorf("the type and name are those of %s", c.file)
		}
		if err != nil {
			log.Error("configuration of a resource provider is ignored", "file", file, "error", err)
			continue
		}
		out[keyOf(info)] = config{info, file}
	}
	return out, nil
}

// place refuses a configuration that shares with one of others what no two providers may share.
func place(types map[string]Type, others map[key]config, info *v1.ResourceProviderInfo) error {
	of := types[info.GetType()].Place
	for k, c := range others {
		if k.kind == info.GetType() && k != keyOf(info) && of(c.info) == of(info) {
			return fmt.Errorf("info: %q is that of the resource provider %s.%s already", of(info), k.kind, k.name)
		}
	}
	return nil
}

func readConfig(file string) (*v1.ResourceProviderInfo, error) {
	info := &v1.ResourceProviderInfo{}
	text, err := os.ReadFile(file)
	if err == nil {
		err = mesosjson.Unmarshal(text, info)
	}
	return info, err
}

// write keeps a configuration in a file, "" for a new one, and returns its name.
func (d configDir) write(info *v1.ResourceProviderInfo, file string) (string, error) {
	for n := 1; file == ""; n++ { // names may hold points: two providers could have the same file's name
		name := fmt.Sprintf("%s.%s.%d.json", info.GetType(), info.GetName(), n)
		if _, err := os.Lstat(filepath.Join(string(d), name)); errors.Is(err, os.ErrNotExist) {
			file = filepath.Join(string(d), name)
		} else if err != nil {
			return "", fmt.Errorf("configuration of a resource provider: %w", err)
		}
	}
	text, err := mesosjson.Marshal(info)
	if err == nil {
		err = writeFile(file, append(text, '\n'))
	}
	if err != nil {
		return "", fmt.Errorf("configuration of a resource provider: %w", err)
	}
	return file, nil
}

func (d configDir) remove(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("configuration of a resource provider: %w", err)
	}
	return syncDir(string(d))
}

// writeFile replaces a file durably: a crash leaves the old one or the new one.
func writeFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
