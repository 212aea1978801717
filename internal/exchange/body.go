package exchange

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

// JSON reads the body of the request as JSON, of at most so many bytes. Fields that are not
// known are passed over.
func (x *Exchange) JSON(most int64, into any) error {
	data, err := x.Read(contract.JSON, most)
	if err != nil {
		return err
	}
	return Decode(data, into)
}

// Decode reads one JSON value, and nothing behind it.
func Decode(data []byte, into any) error {
	if !utf8.Valid(data) {
		return Refuse(contract.InvalidRequest, "the body is not UTF-8")
	}
	if err := json.Unmarshal(data, into); err != nil {
		return Refuse(contract.InvalidRequest, "the body is not what is expected here: %v", err)
	}
	if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
		return Refuse(contract.InvalidRequest, "the body is null")
	}
	return nil
}

// Read reads a body of a type, of at most so many bytes when decoded.
func (x *Exchange) Read(kind string, most int64) ([]byte, error) {
	if is, _, err := mime.ParseMediaType(x.Asked("Content-Type")); err != nil || is != kind {
		return nil, Refuse(contract.UnsupportedMedia, "the body is %q, and %s is expected here", x.Asked("Content-Type"), kind)
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
		return nil, Refuse(contract.TooLarge, "the body has more than %d bytes", most)
	case err != nil:
		return nil, Refuse(contract.InvalidRequest, "the body cannot be read: %v", err)
	}
	return b.Bytes(), nil
}

// decoded is the body without its encoding. What comes in is bounded as what comes out
// is: nothing grows when it is compressed, but for a little.
func (x *Exchange) decoded(most int64) (io.Reader, error) {
	raw := http.MaxBytesReader(x.To, x.Body, most+most/100+1<<10)
	switch encoding := x.Asked("Content-Encoding"); encoding {
	case "", "identity":
		return raw, nil
	case "gzip":
		plain, err := gzip.NewReader(raw)
		if err != nil {
			return nil, Refuse(contract.InvalidRequest, "the body is not gzip: %v", err)
		}
		return plain, nil
	default:
		return nil, Refuse(contract.UnsupportedMedia, "the encoding %q is not taken here: there is gzip", encoding)
	}
}

// Wrong is what is wrong with a field of the body.
func Wrong(field, format string, args ...any) error {
	return Refuse(contract.InvalidRequest, "%s: %s", field, fmt.Sprintf(format, args...))
}
