package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

// stream is an output that remembers whether it took everything: figures that reached
// nobody must not look like success.
type stream struct {
	io.Writer
	err error // the first
}

func (s *stream) Write(data []byte) (int, error) {
	n, err := s.Writer.Write(data)
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("the output cannot be written: %w", err)
	}
	return n, err
}

// unwritten is an error of a file that could not be written when all was done.
type unwritten struct{ error }

func (u unwritten) Unwrap() error { return u.error }

// writeFile writes a file that a flag names.
func writeFile(file string, data []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return unwritten{err}
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return unwritten{err}
	}
	return nil
}

// most is more than any scenario has, so that input without end is refused.
const most = 2 << 20

// read reads a scenario from a file, or for - from the standard input.
func (c *console) read(file string) (*scenario.Scenario, error) {
	if file != "-" {
		return scenario.Read(file)
	}
	data, err := io.ReadAll(io.LimitReader(c.in, most))
	if err != nil {
		return nil, fmt.Errorf("the standard input: %w", err)
	}
	s, err := scenario.Parse("-", data)
	if err == nil && s.Name == "-" {
		s.Name = "standard input"
	}
	return s, err
}
