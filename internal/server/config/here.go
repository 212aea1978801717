package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/access"
)

// Here says what of the configuration is not on this machine: files and environment variables
// that it names, all that is missing at once. getenv is that of the system. The error is
// Problems, and has nothing of what is in them.
func (c *Config) Here(getenv func(string) string) error {
	k := &checker{Config: c}
	walk(reflect.ValueOf(c).Elem(), "", func(path string, v reflect.Value) {
		switch x := v.Interface().(type) {
		case Path:
			if err := readable(string(x)); x != "" && err != nil {
				k.wrong(path, "%s", err)
			}
		case Variable:
			if x != "" && getenv(string(x)) == "" {
				k.wrong(path, "the environment variable %s is empty, or is not set", string(x))
			}
		}
	})
	k.secrets()
	if len(k.ps) == 0 {
		if _, err := c.Listener().Config(); err != nil {
			path, why, _ := strings.Cut(err.Error(), ": ")
			k.wrong(path, "%s", strings.TrimPrefix(why, "tls: "))
		}
	}
	return k.ps.Sorted()
}

// secrets checks the files that tokens of the configuration are in.
func (c *checker) secrets() {
	for i, t := range c.Access.Tokens {
		if t.File == "" || readable(string(t.File)) != nil {
			continue
		}
		if _, err := access.ReadSecret(string(t.File)); err != nil {
			c.wrong(fmt.Sprintf("access.tokens[%d].file", i), "%s", err)
		}
	}
}

// readable says why a file cannot be read.
func readable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.New(path + " is a folder")
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return file.Close()
}

// DSN is the address of the database, which has a password in it; "": the store is in the
// folder of the state.
func (c *Config) DSN(getenv func(string) string) (string, error) {
	p := c.Store.PostgreSQL
	switch {
	case p == nil:
		return "", nil
	case p.DSNFile == "":
		if dsn := getenv(string(p.DSNEnv)); dsn != "" {
			return dsn, nil
		}
		return "", c.Problem("store.postgresql.dsn_env", "the environment variable "+string(p.DSNEnv)+" is empty, or is not set")
	}
	text, err := os.ReadFile(string(p.DSNFile))
	if err != nil {
		return "", c.Problem("store.postgresql.dsn_file", err.Error())
	}
	dsn := strings.TrimSpace(string(text))
	if dsn == "" {
		return "", c.Problem("store.postgresql.dsn_file", string(p.DSNFile)+" is empty")
	}
	return dsn, nil
}
