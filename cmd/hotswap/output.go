package main

import (
	"bytes"
	"encoding/json"
	"os"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/report"
)

// output is a file that a flag names; "": none, "-": the standard output.
type output struct{ flag, file string }

// writable says whether the file can be written, and leaves it as it is.
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

func writePage(file string, page *report.Page) error {
	var b bytes.Buffer
	if err := page.Write(&b); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// writeJSON writes v to a file, or for - to the standard output.
func (c *console) writeJSON(file string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if file == "-" {
		_, err = c.out.Write(data)
		return err
	}
	return os.WriteFile(file, data, 0o644)
}
