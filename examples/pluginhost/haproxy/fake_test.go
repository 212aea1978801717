package haproxy

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// fake is the runtime API of a HAProxy, as far as it is used here: each connection is a line of
// commands, or one with a payload, and its answer.
type fake struct {
	mu       sync.Mutex
	servers  map[string]server            // by backend/name
	maps     map[string]map[string]string // in force, by path
	versions map[string]map[string]string // prepared, by @version and path
	n        int
	log      []string // commands, in the order in which they came
	// breaks is after how many more commands it goes away without an answer; below 0: never.
	breaks int
}

func serve(t *testing.T, p *Proxy) *fake {
	t.Helper()
	l, err := net.Listen("unix", p.Socket())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	f := &fake{servers: map[string]server{}, maps: map[string]map[string]string{}, versions: map[string]map[string]string{}, breaks: -1}
	for _, s := range p.now.servers() { // as its configuration has them
		f.servers[s.backend+"/"+s.name] = server{s.backend, s.name, nowhere, false}
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f.answer(conn)
		}
	}()
	return f
}

func (f *fake) answer(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil {
		return
	}
	line = strings.TrimSpace(line)
	var payload []string
	if strings.HasSuffix(line, "<<") {
		for {
			one, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if one = strings.TrimSuffix(one, "\n"); one == "" {
				break
			}
			payload = append(payload, one)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for command := range strings.SplitSeq(line, "; ") {
		if f.breaks == 0 {
			return
		}
		f.breaks--
		f.log = append(f.log, command)
		if answer := f.do(strings.Fields(command), payload); answer != "" {
			_, _ = fmt.Fprintln(conn, answer)
		}
		_, _ = fmt.Fprintln(conn)
	}
}

func (f *fake) do(words, payload []string) string {
	switch {
	case slices.Equal(words, []string{"show", "info"}):
		return "Name: HAProxy"
	case words[0] == "prepare":
		f.n++
		f.versions[fmt.Sprintf("@%d %s", f.n, words[2])] = map[string]string{}
		return fmt.Sprintf("New version created: %d", f.n)
	case words[0] == "add":
		for _, line := range payload {
			key, value, ok := strings.Cut(line, " ")
			if !ok {
				return "'add map' expects three parameters"
			}
			f.versions[words[2]+" "+words[3]][key] = value
		}
		return ""
	case words[0] == "commit":
		f.maps[words[3]] = f.versions[words[2]+" "+words[3]]
		return ""
	case words[0] == "set":
		return f.set(words)
	}
	return "Unknown command: '" + strings.Join(words, " ") + "'"
}

// set is set server NAME addr HOST port PORT, or state STATE.
func (f *fake) set(words []string) string {
	s, ok := f.servers[words[2]]
	if !ok {
		return "No such server."
	}
	answer := ""
	switch words[3] {
	case "addr":
		s.address = words[4] + ":" + words[6]
		answer = "IP changed from 127.0.0.1 to " + words[4]
	case "state":
		s.ready = words[4] == "ready"
	}
	f.servers[words[2]] = s
	return answer
}
