package demo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/stack"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/filelock"
)

// marker says that a folder is a demonstration's, and may be removed with all that is in it.
const marker = "of-a-demonstration"

// claim makes the state folder this demonstration's own, and ends what another one that was
// killed left in it. A folder that has something else is left as it is.
func claim(o *Options) (unlock func(), err error) {
	if o.State, err = filepath.Abs(o.State); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(o.State), 0o700); err != nil {
		return nil, fmt.Errorf("--state: %w", err)
	}
	lock, err := filelock.Try(o.State+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("--state %s: another demonstration runs here: %w", o.State, err)
	}
	if err := empty(o); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() { _ = lock.Close() }, nil
}

// empty makes an empty state folder.
func empty(o *Options) error {
	there, err := os.ReadDir(o.State)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--state: %w", err)
	}
	if _, err := os.Stat(filepath.Join(o.State, marker)); err != nil && len(there) > 0 {
		return fmt.Errorf("--state %s: there are other files in it, and all of it is removed at the end: take a folder that is not there", o.State)
	}
	if err := stack.Clear(o.Host, o.State); err != nil {
		return err
	}
	if err := os.RemoveAll(o.State); err != nil {
		return err
	}
	if err := os.Mkdir(o.State, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.State, marker), nil, 0o600)
}
