package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// body reads the body of the request as JSON. Fields that are not known are passed over.
func (x *exchange) body(into any) error {
	data, err := x.read(contract.JSON, x.limits.Body)
	if err != nil {
		return err
	}
	return decode(data, into)
}

// decode reads one JSON value, and nothing behind it.
func decode(data []byte, into any) error {
	if !utf8.Valid(data) {
		return refuse(contract.InvalidRequest, "the body is not UTF-8")
	}
	if err := json.Unmarshal(data, into); err != nil {
		return refuse(contract.InvalidRequest, "the body is not what is expected here: %v", err)
	}
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return refuse(contract.InvalidRequest, "the body is null")
	}
	return nil
}

// read reads a body of a type, of at most so many bytes when decoded.
func (x *exchange) read(kind string, most int64) ([]byte, error) {
	if is, _, err := mime.ParseMediaType(x.asked("Content-Type")); err != nil || is != kind {
		return nil, refuse(contract.UnsupportedMedia, "the body is %q, and %s is expected here", x.asked("Content-Type"), kind)
	}
	plain, err := x.decoded(most)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if n := x.ContentLength; n > 0 && n <= most {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(plain, most+1))
	var large *http.MaxBytesError
	switch {
	case n > most || errors.As(err, &large):
		return nil, refuse(contract.TooLarge, "the body has more than %d bytes", most)
	case err != nil:
		return nil, refuse(contract.InvalidRequest, "the body cannot be read: %v", err)
	}
	return b.Bytes(), nil
}

// decoded is the body without its encoding. What comes in is bounded as what comes out
// is: nothing grows when it is compressed, but for a little.
func (x *exchange) decoded(most int64) (io.Reader, error) {
	raw := http.MaxBytesReader(x.to, x.Body, most+most/100+1<<10)
	switch encoding := x.asked("Content-Encoding"); encoding {
	case "", "identity":
		return raw, nil
	case "gzip":
		plain, err := gzip.NewReader(raw)
		if err != nil {
			return nil, refuse(contract.InvalidRequest, "the body is not gzip: %v", err)
		}
		return plain, nil
	default:
		return nil, refuse(contract.UnsupportedMedia, "the encoding %q is not taken here: there is gzip", encoding)
	}
}

// wrong is what is wrong with a field of the body.
func wrong(field, format string, args ...any) error {
	return refuse(contract.InvalidRequest, "%s: %s", field, fmt.Sprintf(format, args...))
}
