package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/report"
)

// target is a file or a folder that a flag names, to be written to when all is done.
type target interface {
	name() string
	writable() error // says what stands against it, and leaves all as it is
}

// output is a file that a flag names; "": none, "-": the standard output.
type output struct{ flag, file string }

func (o output) name() string { return o.flag }

func (o output) writable() error {
	if o.file == "" || o.file == "-" {
		return nil
	}
	_, err := os.Lstat(o.file)
	isNew := os.IsNotExist(err)
	f, err := os.OpenFile(o.file, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil || !isNew {
		return err
	}
	return os.Remove(o.file)
}

// folder is one that a flag names, for files that may come to be written.
type folder struct{ flag, path string }

func (f folder) name() string { return f.flag }

// writable tries the folder or, where it is not there yet, the one that it would be in.
func (f folder) writable() error {
	path := filepath.Clean(f.path)
	for {
		if _, err := os.Stat(path); !os.IsNotExist(err) || path == filepath.Dir(path) {
			break
		}
		path = filepath.Dir(path)
	}
	probe, err := os.CreateTemp(path, ".hotswap-*")
	var wrong *os.PathError // which names a file that nobody knows
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("no file can be made in %s: %w", path, wrong.Err)
	case err != nil:
		return err
	}
	_ = probe.Close() // nothing was written
	return os.Remove(probe.Name())
}

// day is a date that a flag says, which is no target but can be wrong like one.
type day string

func (day) name() string { return "date" }

func (d day) writable() error {
	if d == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fmt.Errorf("%q is not a day like 2006-01-02", string(d))
	}
	return nil
}

func writePage(file string, page *report.Page) error {
	var b bytes.Buffer
	if err := page.Write(&b); err != nil {
		return err
	}
	return writeFile(file, b.Bytes())
}
