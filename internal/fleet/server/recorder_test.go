package server_test

import (
	"encoding/json"
	"net/http"
	"os"
	"sync"
)

// exchangesFile names a file in the environment that every exchange of the tests is written
// to, a line each: tests/contract holds them to the contract.
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

// record writes an exchange down, where somebody wants it.
func record(e exchanged) {
	path := os.Getenv(exchangesFile)
	if path == "" {
		return
	}
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
