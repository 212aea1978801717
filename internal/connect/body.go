package connect

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// body is an answer as it is read: unzipped, its errors in words, and its request's place
// among those under way given back when it is closed.
type body struct {
	c      *Client
	req    *http.Request
	wire   io.ReadCloser
	zipped bool
	plain  io.Reader
	close  sync.Once
}

// newBody takes over the body of resp. asked says that the request asked for gzip on its
// own account, so that whoever reads need not know of it.
func newBody(c *Client, req *http.Request, resp *http.Response, asked bool) *body {
	b := &body{c: c, req: req, wire: resp.Body}
	if b.zipped = asked && strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip"); b.zipped {
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	return b
}

// Read implements io.Reader. Errors are a *Fault.
func (b *body) Read(p []byte) (int, error) {
	if b.plain == nil {
		b.plain = b.wire
		if b.zipped {
			z, err := gzip.NewReader(b.wire)
			if err != nil {
				return 0, b.told(err)
			}
			b.plain = z
		}
	}
	n, err := b.plain.Read(p)
	return n, b.told(err)
}

func (b *body) told(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // readers give the end itself
		return err
	}
	f := b.c.fault(b.req, err)
	if f.Kind == Broken {
		f.Came, f.Do = "the answer ended before it was whole ("+plain(err)+")", "Ask again; where it happens each time, look at the proxies on the way."
	}
	f.Sent = true
	return f
}

// Close implements io.Closer.
func (b *body) Close() (err error) {
	b.close.Do(func() {
		err = b.wire.Close()
		<-b.c.underWay
	})
	return err
}

// TooLargeError is an answer with more bytes than are read of it.
type TooLargeError struct{ Most int64 }

// Error names the bound.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer has more than %d bytes, unzipped, which is the most that is read", e.Most)
}

// Answer is one that was read: its status and header, and its body, unzipped.
type Answer struct {
	Response *http.Response // its own body is closed
	Body     []byte
}

// Fetch sends a request as Do does, and reads up to most bytes of its answer, whatever its
// status. The error is a *Fault, one of the kind TooLarge where the answer has more.
func (c *Client) Fetch(req *http.Request, most int64) (*Answer, error) {
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	data, err := ReadBody(resp, most)
	var large *TooLargeError
	switch {
	case errors.As(err, &large):
		return nil, c.Large(resp, large)
	case err != nil:
		return nil, err
	}
	return &Answer{resp, data}, nil
}

// ReadBody reads an answer of up to most bytes, unzipped, and closes it. The error is a
// *TooLargeError, or that of the connection.
func ReadBody(resp *http.Response, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if int64(len(data)) > most {
		_ = resp.Body.Close() // it is not used any more
		return nil, &TooLargeError{most}
	}
	return data, errors.Join(err, resp.Body.Close())
}
