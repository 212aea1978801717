//go:build !windows

package file

import (
	"errors"
	"os"
)

// syncFolder makes sure that the names in a folder outlive the machine.
func (f *Journals) syncFolder(path string) error {
	if f.Unsynced {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
