package haproxy

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// say sends a line to the runtime API, or one with what follows it, and gives the answer.
func (p *Proxy) say(ctx context.Context, text string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", p.Socket())
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }() // all was read
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, text+"\n"); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return "", err
	}
	// What each command answers ends with an empty line, also where it is nothing else: one that
	// was killed meanwhile closes the connection as one does that has done it.
	first, _, payload := strings.Cut(text, "\n")
	left := 1
	if !payload {
		left += strings.Count(text, "; ")
	}
	for line := range strings.Lines(string(answer)) {
		if line == "\n" {
			left--
		}
	}
	if left > 0 {
		return "", fmt.Errorf("HAProxy went away before it had done %q", first[:min(len(first), 100)])
	}
	return strings.TrimSpace(string(answer)), nil
}

// done is say for what answers nothing, or one of some good words, where it was done.
func (p *Proxy) done(ctx context.Context, text string) error {
	answer, err := p.say(ctx, text)
	if err != nil {
		return err
	}
	for line := range strings.Lines(answer) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "IP changed") && !strings.HasPrefix(line, "port changed") && !strings.HasPrefix(line, "no need to change") && !strings.HasPrefix(line, "nothing changed") {
			first, _, _ := strings.Cut(text, "\n")
			return fmt.Errorf("HAProxy to %q: %s", first[:min(len(first), 100)], line)
		}
	}
	return nil
}

// bring brings HAProxy to a state.
func (p *Proxy) bring(ctx context.Context, next *state) error {
	come, leave := p.servers(next)
	if err := p.each(ctx, come); err != nil {
		return err
	}
	if now := next.pins(); !p.sure || !reflect.DeepEqual(now, p.now.pins()) {
		if err := p.replace(ctx, "pins.map", now); err != nil {
			return err
		}
	}
	if now := next.shares(); !p.sure || !reflect.DeepEqual(now, p.now.shares()) {
		if err := p.replace(ctx, "slots.map", now); err != nil {
			return err
		}
	}
	return p.each(ctx, leave)
}

// servers are the commands that have servers take requests, and that have them take none any
// more, where that is not so already.
func (p *Proxy) servers(next *state) (come, leave []string) {
	before := map[string]server{}
	if p.sure {
		for _, s := range p.now.servers() {
			before[s.backend+"/"+s.name] = s
		}
	}
	for _, s := range next.servers() {
		name := s.backend + "/" + s.name
		was, known := before[name]
		switch {
		case known && was == s:
		case s.ready:
			come = append(come, moved(name, s.address), "set server "+name+" state ready")
		default:
			leave = append(leave, "set server "+name+" state maint")
		}
	}
	return come, leave
}

func moved(name, address string) string {
	host, port, _ := strings.Cut(address, ":")
	return fmt.Sprintf("set server %s addr %s port %s", name, host, port)
}

// perLine is how many commands are sent at once: HAProxy takes lines of 16 KB.
const perLine = 100

// each sends commands.
func (p *Proxy) each(ctx context.Context, commands []string) error {
	for len(commands) > 0 {
		n := min(perLine, len(commands))
		if err := p.done(ctx, strings.Join(commands[:n], "; ")); err != nil {
			return err
		}
		commands = commands[n:]
	}
	return nil
}

// replace replaces a map in one step.
func (p *Proxy) replace(ctx context.Context, name string, entries []entry) error {
	path := p.path(name)
	answer, err := p.say(ctx, "prepare map "+path)
	if err != nil {
		return err
	}
	version, ok := strings.CutPrefix(answer, "New version created: ")
	if !ok {
		return fmt.Errorf("HAProxy to prepare map: %s", answer)
	}
	for len(entries) > 0 {
		n := min(200, len(entries))
		if err := p.done(ctx, fmt.Sprintf("add map @%s %s <<\n%s", version, path, lines(entries[:n]))); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return p.done(ctx, fmt.Sprintf("commit map @%s %s", version, path))
}

// InFlight is how many requests an instance has from it.
func (p *Proxy) InFlight(ctx context.Context, instance string) (n int64, err error) {
	p.mu.Lock()
	place := p.now.Servers[instance]
	p.mu.Unlock()
	if place == 0 {
		return 0, nil
	}
	text, err := p.say(ctx, "show stat -1 4 -1")
	if err != nil {
		return 0, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "# "))).ReadAll()
	if err != nil || len(rows) == 0 {
		return 0, fmt.Errorf("HAProxy to show stat: %w", err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, row := range rows[1:] {
		if row[column["svname"]] == fmt.Sprintf("server%d", place) {
			one, _ := strconv.ParseInt(row[column["scur"]], 10, 64)
			n += one
		}
	}
	return n, nil
}
