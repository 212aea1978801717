package manager

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/hotswap-io/terraform-provider-hotswap/examples/pluginhost/serving"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Options are the flags of pluginhost manager.
type Options struct {
	Listen       string
	RouterListen string // where the router listens when it is started first; it keeps the port
	State        string
	Catalogue    string
	Environment  string
	Plugin       string
	Version      string
	Instances    int
	Tenants      int
	Spare        int
	TokenFile    string
	Router       string // "own" or "haproxy"
	Metrics      string // "own" or "none"
	Sandbox      bool
	StopAll      bool
	Program      string // the host's program; "": the one that runs
	Say          func(format string, args ...any)
	Log          *slog.Logger
	// Check says what is wrong with a version in the catalogue; nil: nothing.
	Check func(folder, plugin, version string) error
}

// word is what names of environments and plugins are like: they are names of folders, too.
var word = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// check finds all that is wrong with the flags, and makes the state folder.
func (o *Options) check() (token string, err error) {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	token, err = serving.Token(o.TokenFile)
	wrong = append(wrong, err)
	wrong = append(wrong, o.checkNumbers())
	if !slices.Contains(engine.Environments(), engine.Environment(o.Environment)) {
		say("--environment: %q is none of %v", o.Environment, engine.Environments())
	}
	if !word.MatchString(o.Plugin) {
		say("--plugin: %q is no name: letters, digits, dots and dashes are", o.Plugin)
	}
	wrong = append(wrong, o.checkRouter())
	if o.Metrics != "own" && o.Metrics != "none" {
		say("--metrics: %q is neither own nor none", o.Metrics)
	}
	if o.Sandbox && o.Environment == sandboxEnvironment && o.Plugin == sandboxPlugin {
		say("--plugin: %s in %s is the sandbox", o.Plugin, o.Environment)
	}
	wrong = append(wrong, o.checkCatalogue())
	if err := errors.Join(wrong...); err != nil {
		return "", serving.Wrong(err)
	}
	return token, o.settle()
}

func (o *Options) checkNumbers() error {
	var wrong []error
	for _, n := range []struct {
		flag      string
		is, least int
		most      int
	}{{"--instances", o.Instances, 1, 200}, {"--tenants", o.Tenants, 1, 100_000}, {"--spare", o.Spare, 0, 200}} {
		if n.is < n.least || n.is > n.most {
			wrong = append(wrong, fmt.Errorf("%s: %d is not in %d..%d", n.flag, n.is, n.least, n.most))
		}
	}
	return errors.Join(wrong...)
}

func (o *Options) checkRouter() error {
	if o.Router != "own" && o.Router != "haproxy" {
		return fmt.Errorf("--router: %q is neither own nor haproxy", o.Router)
	}
	if _, err := exec.LookPath(haproxyProgram); o.Router == "haproxy" && err != nil {
		return errors.New("--router: there is no program haproxy on the PATH: install it (apt-get install haproxy), or take --router own")
	}
	return nil
}

// checkCatalogue says what is wrong with the catalogue, or the version in it.
func (o *Options) checkCatalogue() error {
	if o.Catalogue == "" {
		return errors.New("--catalogue: it is missing: pluginhost build --out DIR writes one")
	}
	if about, err := os.Stat(o.Catalogue); err != nil || !about.IsDir() {
		return fmt.Errorf("--catalogue: there is no folder %s: pluginhost build --out %s writes it", o.Catalogue, o.Catalogue)
	}
	if err := o.Check(o.Catalogue, o.Plugin, o.Version); err != nil {
		return fmt.Errorf("--version: %w", err)
	}
	return nil
}

// settle makes the state folder, and paths that hold wherever a process runs.
func (o *Options) settle() (err error) {
	if o.State, err = serving.Private("--state", o.State); err != nil {
		return serving.Wrong(err)
	}
	for _, path := range []*string{&o.Catalogue, &o.TokenFile} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if o.Program == "" {
		o.Program, err = os.Executable()
	}
	return err
}

// logOf is the log of a world, which says whose each line is: the sandbox has an instance-01, too.
func (o *Options) logOf(environment, plugin string) *slog.Logger {
	if o.Log == nil {
		return nil
	}
	return o.Log.With("fleet", environment+"/"+plugin)
}

// settings are those of the world that people roll out to.
func (o *Options) settings(token string) Settings {
	return Settings{
		Environment: engine.Environment(o.Environment), Plugin: o.Plugin, Dir: filepath.Join(o.State, "worlds", o.Environment, o.Plugin),
		Program: o.Program, TokenFile: o.TokenFile, Token: token, Folder: o.Catalogue,
		Catalogue: func(version string) error { return o.Check(o.Catalogue, o.Plugin, version) },
		Version:   o.Version, Instances: o.Instances, Tenants: o.Tenants, Spare: o.Spare, Counts: o.Metrics == "own", Listen: o.RouterListen, Log: o.logOf(o.Environment, o.Plugin),
	}
}
