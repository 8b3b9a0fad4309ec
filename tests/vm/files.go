package vm

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// sector is what the size of a disk is a multiple of.
const sector = 512

// pack writes the disk that the machine unpacks first: an archive of the script and the files.
func pack(disk string, job Job) (err error) {
	f, err := os.Create(disk)
	if err != nil {
		return fmt.Errorf("disk of the job: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := tar.NewWriter(f)
	if err := add(w, "vm/script", 0o755, []byte(job.Script)); err != nil {
		return err
	}
	for to, from := range job.Files {
		info, err := os.Stat(from)
		if err != nil {
			return fmt.Errorf("file of the job: %w", err)
		}
		content, err := os.ReadFile(from)
		if err != nil {
			return fmt.Errorf("file of the job: %w", err)
		}
		if err := add(w, strings.TrimPrefix(to, "/"), info.Mode().Perm(), content); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("disk of the job: %w", err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("disk of the job: %w", err)
	}
	return f.Truncate((size + sector - 1) / sector * sector)
}

func add(w *tar.Writer, name string, mode os.FileMode, content []byte) error {
	err := w.WriteHeader(&tar.Header{Name: name, Mode: int64(mode), Size: int64(len(content)), Format: tar.FormatGNU})
	if err == nil {
		_, err = w.Write(content)
	}
	if err != nil {
		return fmt.Errorf("disk of the job: %s: %w", name, err)
	}
	return nil
}

// collect reads what the machine has left on the disk of results.
func collect(disk string) (Result, error) {
	f, err := os.Open(disk)
	if err != nil {
		return Result{}, fmt.Errorf("disk of results: %w", err)
	}
	defer f.Close()
	r, ended := Result{Files: map[string][]byte{}}, false
	for archive := tar.NewReader(f); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Result{}, fmt.Errorf("disk of results: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		var content bytes.Buffer
		if _, err := io.Copy(&content, archive); err != nil {
			return Result{}, fmt.Errorf("disk of results: %s: %w", h.Name, err)
		}
		switch h.Name {
		case "code":
			if r.Code, err = strconv.Atoi(strings.TrimSpace(content.String())); err != nil {
				return Result{}, fmt.Errorf("exit code of the script: %w", err)
			}
			ended = true
		case "output":
			r.Output = content.String()
		default:
			r.Files[strings.TrimPrefix(h.Name, "out/")] = content.Bytes()
		}
	}
	if !ended {
		return Result{}, errors.New("the machine left no result")
	}
	return r, nil
}
