package process

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
)

// Serve is the main function of a plugin's process. It does not return, and the process
// ends with its host, however that ends.
func Serve(work func(seed uint64) Work) {
	host := os.NewFile(lifeline, "host")
	if _, err := host.Stat(); err != nil {
		fmt.Fprintln(os.Stderr, "this is a plugin: it is started by `pluginhost instance`")
		os.Exit(2)
	}
	seed, err := strconv.ParseUint(os.Getenv(seedVariable), 10, 64)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %q is no number\n", seedVariable, os.Getenv(seedVariable))
		os.Exit(2)
	}
	go func() {
		_, _ = io.Copy(io.Discard, host)                                 // nothing is ever written: it ends when the host does
		if folder := os.Getenv(folderVariable); filepath.IsAbs(folder) { // nobody else is left to tidy up
			sockets, _ := filepath.Glob(filepath.Join(folder, "plugin*"))
			for _, s := range sockets {
				_ = os.Remove(s)
			}
			_ = os.Remove(folder)
		}
		os.Exit(3)
	}()
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake, Plugins: goplugin.PluginSet{served: glue{work: work(seed)}}, Logger: hclog.NewNullLogger(),
	})
	os.Exit(0)
}
