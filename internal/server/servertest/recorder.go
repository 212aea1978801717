package servertest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"sync"
)

// exchangesFile names a file in the environment that every exchange of the tests is written
// to, a line each: tests/contract holds them to the document of the API.
const exchangesFile = "HOTSWAP_EXCHANGES"

// exchanged is a request and its answer.
type exchanged struct {
	Method       string      `json:"method"`
	URL          string      `json:"url"`
	Header       http.Header `json:"header"`
	Body         []byte      `json:"body"`
	Status       int         `json:"status"`
	AnswerHeader http.Header `json:"answerHeader"`
	Answer       []byte      `json:"answer"`
}

// recorder is of the file: tests ask from several goroutines.
var recorder sync.Mutex

// Recorded writes down what a handler is asked and answers, where somebody wants it.
func Recorded(next http.Handler) http.Handler {
	path := os.Getenv(exchangesFile)
	if path == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := exchanged{Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone(), Status: http.StatusOK}
		var asked bytes.Buffer
		if r.Body != nil {
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.TeeReader(r.Body, &asked), r.Body}
		}
		said := &recording{ResponseWriter: w, e: &e}
		defer func() {
			e.Body, e.AnswerHeader = asked.Bytes(), w.Header().Clone()
			record(path, &e)
		}()
		next.ServeHTTP(said, r)
	})
}

// recording is an answer that is written down.
type recording struct {
	http.ResponseWriter
	e *exchanged
}

// WriteHeader implements http.ResponseWriter.
func (r *recording) WriteHeader(status int) {
	r.e.Status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recording) Write(b []byte) (int, error) {
	r.e.Answer = append(r.e.Answer, b...)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what is behind.
func (r *recording) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func record(path string, e *exchanged) {
	line, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	recorder.Lock()
	defer recorder.Unlock()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		panic(err)
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
}
