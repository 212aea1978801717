package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/prometheus/common/promslog"
	"github.com/spf13/cobra"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/durable"
)

// listener is where a server takes connections.
type listener = net.Listener

// listening says where a server listens, and who may come.
type listening struct {
	address   string
	tokenFile string
	cert, key string
	// secure is what connections have to be like, where somebody else says so; nil: as tls has it.
	secure *tls.Config
}

func (f *listening) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.address, "listen", "127.0.0.1:0", "HOST:PORT to listen on; port 0 is any that is free")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with the token that clients have to bear, read anew each time (default: a random one, in the folder of the state)")
	flags.StringVar(&f.cert, "tls-cert-file", "", "certificate in PEM, with its chain: serve HTTPS")
	flags.StringVar(&f.key, "tls-key-file", "", "the certificate's key, in PEM")
}

// check finds flags that do not fit together.
func (f *listening) check() error {
	if _, _, err := net.SplitHostPort(f.address); err != nil {
		return fmt.Errorf("--listen: %q is not HOST:PORT: %w", f.address, err)
	}
	if (f.cert == "") != (f.key == "") {
		return errors.New("--tls-cert-file and --tls-key-file belong together")
	}
	if f.cert != "" {
		if _, err := tls.LoadX509KeyPair(f.cert, f.key); err != nil {
			return fmt.Errorf("--tls-cert-file, --tls-key-file: %w", err)
		}
	}
	if !f.local() && f.tokenFile == "" {
		return fmt.Errorf("--listen: %s can be reached from other machines: give a --token-file of your own, or listen on 127.0.0.1", f.address)
	}
	return nil
}

// local says whether nobody but this machine can come.
func (f *listening) local() bool {
	host, _, err := net.SplitHostPort(f.address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// listen takes the address.
func (f *listening) listen(ctx context.Context) (listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", f.address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("--listen: %s is in use by another process: give another port, or 0 for any that is free", f.address)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	return l, nil
}

// tls is what connections have to be like.
func (f *listening) tls() *tls.Config {
	if f.secure != nil {
		return f.secure
	}
	if f.cert == "" {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// url is where the server is found.
func (f *listening) url(l listener) string {
	scheme := "http"
	if f.cert != "" {
		scheme = "https"
	}
	return scheme + "://" + l.Addr().String()
}

// tokenFile is a file with a token.
type tokenFile string

// mostToken is how many bytes of a file a token may be.
const mostToken = 4 << 10

// read is the token, as it is now.
func (t tokenFile) read() (string, error) {
	file, err := os.Open(string(t))
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, mostToken+1))
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	switch {
	case len(text) > mostToken:
		return "", fmt.Errorf("%s is larger than a token, %d bytes", t, mostToken)
	case token == "":
		return "", fmt.Errorf("%s is empty", t)
	case strings.ContainsAny(token, " \t\r\n"):
		return "", fmt.Errorf("%s has more than one word, and a token is one", t)
	}
	return token, nil
}

// token is the file that was named, or that of the state, where a token is made.
func (f *listening) token(dir string) (tokenFile, error) {
	if f.tokenFile != "" {
		_, err := tokenFile(f.tokenFile).read()
		if err != nil {
			err = fmt.Errorf("--token-file: %w", err)
		}
		return tokenFile(f.tokenFile), err
	}
	path := filepath.Join(dir, "token")
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = durable.Write(path, []byte(rand.Text()+"\n"), 0o600)
	}
	if err == nil {
		_, err = tokenFile(path).read()
	}
	return tokenFile(path), err
}

// logFlags say what is logged, and how.
type logFlags struct {
	level  level
	format format
}

// level and format are those of promslog, as flags.
type (
	level  struct{ *promslog.Level }
	format struct{ *promslog.Format }
)

// Type implements pflag.Value.
func (level) Type() string { return "LEVEL" }

// Type implements pflag.Value.
func (format) Type() string { return "FORMAT" }

// newLogFlags log what is usual.
func newLogFlags() logFlags {
	f := logFlags{level{promslog.NewLevel()}, format{promslog.NewFormat()}}
	_ = f.format.Set("logfmt")
	return f
}

func (f *logFlags) add(cmd *cobra.Command) {
	*f = newLogFlags()
	cmd.Flags().Var(f.level, "log.level", "least that is logged, one of debug, info, warn, error; debug has each request")
	cmd.Flags().Var(f.format, "log.format", "form of the log, one of logfmt, json")
}

// logger logs to w.
func (f *logFlags) logger(w io.Writer) *slog.Logger {
	return promslog.New(&promslog.Config{Level: f.level.Level, Format: f.format.Format, Style: promslog.SlogStyle, Writer: w})
}
