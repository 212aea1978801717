package router

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/wire"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// store keeps a table in a folder, so that a router that was killed routes again by it.
type store struct{ dir string }

func (s store) path() string { return filepath.Join(s.dir, "table.json") }

// load is the table that is kept; an empty one where none was put yet.
func (s store) load() (t wire.Table, err error) {
	text, err := os.ReadFile(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	if err == nil {
		err = Check(&t)
	}
	if err != nil {
		return t, fmt.Errorf("%s: %w: remove it, and the manager puts another one", s.path(), err)
	}
	return t, nil
}

func (s store) keep(t *wire.Table) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return durable.Write(s.path(), text, 0o600)
}
