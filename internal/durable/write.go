// Package durable writes files that outlive the machine, or are as they were.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Write puts data in the file at path, in place of what was there, in one step: whoever
// reads it has the old bytes or the new ones. When it returns nil, they are on the disk.
// One caller at a time may write to a path; what one that died left behind, at path with
// .new behind it, the next one takes.
func Write(path string, data []byte, perm os.FileMode) error {
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
