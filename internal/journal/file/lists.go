package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

const listSuffix = ".tenants"

// writeList puts a list where journals look for it, unless it is there. It appears
// whole or not at all.
func (f *Journals) writeList(name string, list []byte) error {
	if _, err := f.list(name); err == nil {
		return nil
	}
	tmp, err := f.temporary(".list-*", list)
	if err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(f.dir, name+listSuffix))
}

// list reads a list. The last one stays in memory: journal after journal has the same.
func (f *Journals) list(name string) ([]engine.Tenant, error) {
	if name != "" && f.lastList.name == name {
		return f.lastList.tenants, nil
	}
	sum, err := hex.DecodeString(name)
	if err != nil || len(sum) != 8 {
		return nil, fmt.Errorf("%q is not the name of a list of tenants", name)
	}
	path := filepath.Join(f.dir, name+listSuffix)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("its list of tenants is missing: %w", err)
	}
	if err != nil {
		return nil, err
	}
	tenants, err := unpackList(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if is := sha256.Sum256(data); !bytes.HasPrefix(is[:], sum) {
		return nil, fmt.Errorf("%s: is broken: it is not what its name says", path)
	}
	f.lastList.name, f.lastList.tenants = name, tenants
	return tenants, nil
}
