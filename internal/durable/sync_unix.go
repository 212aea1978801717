//go:build !windows

package durable

import (
	"errors"
	"os"
)

// syncFolder makes sure that the names in a folder outlive the machine.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
