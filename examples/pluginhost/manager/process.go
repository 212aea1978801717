package manager

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is one that was started from a state folder, by this manager or an earlier one.
//
// What it is stands in its command line: --address-file names a file of the folder, whose
// name is that of its part and its generation. So nothing is to be written down before or
// after it is started, and none is lost, whenever the manager dies.
type process struct {
	part       string // an instance's id, or "router"
	generation int64
	handle     *os.Process
	file       string        // of its address
	done       chan struct{} // closed when it has ended
	began      time.Time     // when this manager started or found it
	end        string        // how it ended, once it has; "": not known
}

// alive says whether it has not ended.
func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// address is where it listens; "": it does not yet.
func (p *process) address() string {
	text, err := os.ReadFile(p.file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// folder is where processes of a world have their addresses and logs.
type folder struct{ dir string }

// The flags that name a file of the folder: that of an address, and, of a program that writes
// none, as HAProxy, its configuration.
const (
	addressFlag = "--address-file"
	configFlag  = "-f"
)

func (f folder) addressFile(part string, generation int64) string {
	return filepath.Join(f.dir, "run", fmt.Sprintf("%s.%d.address", part, generation))
}

func (f folder) log(part string) string { return filepath.Join(f.dir, "logs", part+".log") }

// start starts a process in a session of its own, so that it outlives the manager.
func (f folder) start(part string, generation int64, program string, args ...string) (*process, error) {
	file := f.addressFile(part, generation)
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return f.run(part, generation, file, program, append(args, addressFlag, file)...)
}

// run starts a process whose arguments name a file of the folder.
func (f folder) run(part string, generation int64, file, program string, args ...string) (*process, error) {
	log, err := os.OpenFile(f.log(part), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // which the process has of its own
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{part: part, generation: generation, handle: cmd.Process, file: file, done: make(chan struct{}), began: time.Now()}
	go func() {
		err := cmd.Wait()
		p.end = "exit status 0"
		if err != nil {
			p.end = err.Error()
		}
		close(p.done)
	}()
	return p, nil
}

// find lists the processes of the folder that run.
func (f folder) find() ([]*process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("processes cannot be listed: %w", err)
	}
	var found []*process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if p := f.adopt(pid); p != nil {
			found = append(found, p)
		}
	}
	return found, nil
}

// each tells which processes of the folder run.
func (f folder) each(tell func(part string, pid int)) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if file, ok := f.ours(pid); ok {
			if part, _, ok := f.named(file); ok {
				tell(part, pid)
			}
		}
	}
}

// adopt takes over a process; nil: it is none of the folder's.
func (f folder) adopt(pid int) *process {
	if _, ok := f.ours(pid); !ok {
		return nil
	}
	handle, err := os.FindProcess(pid) // which is of this very process, whoever gets its number later
	if err != nil {
		return nil
	}
	file, ok := f.ours(pid)
	if !ok {
		return nil
	}
	part, generation, ok := f.named(file)
	if !ok {
		return nil
	}
	p := &process{part: part, generation: generation, handle: handle, file: file, done: make(chan struct{}), began: time.Now()}
	go func() {
		for !ended(p.handle) {
			time.Sleep(20 * time.Millisecond)
		}
		close(p.done)
	}()
	return p
}

// ours is the address file of a process, where that is one of the folder's.
func (f folder) ours(pid int) (file string, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return "", false
	}
	args := strings.Split(string(bytes.TrimRight(text, "\x00")), "\x00")
	for _, flag := range []string{addressFlag, configFlag} {
		at := slices.Index(args, flag)
		if at >= 0 && at+1 < len(args) && filepath.Dir(args[at+1]) == filepath.Join(f.dir, "run") {
			return args[at+1], true
		}
	}
	return "", false
}

// named is what the name of an address file says.
func (f folder) named(file string) (part string, generation int64, ok bool) {
	name, ok := strings.CutSuffix(filepath.Base(file), ".address")
	if !ok {
		name, ok = strings.CutSuffix(filepath.Base(file), ".cfg")
	}
	at := strings.LastIndexByte(name, '.')
	if !ok || at < 0 {
		return "", 0, false
	}
	generation, err := strconv.ParseInt(name[at+1:], 10, 64)
	return name[:at], generation, err == nil
}

// ended says whether a process that is not a child has ended, or has only to be waited for
// by whoever started it.
func ended(p *os.Process) bool {
	if p.Signal(syscall.Signal(0)) != nil {
		return true
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid))
	if err != nil {
		return true
	}
	at := bytes.LastIndexByte(text, ')') // the name before it may have anything in it
	return at >= 0 && at+2 < len(text) && text[at+2] == 'Z'
}

// stop ends a process: it is asked to, and killed when the time is over.
func (p *process) stop(within time.Duration) {
	_ = p.handle.Signal(syscall.SIGTERM) // it may have ended
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.kill()
	}
	_ = os.Remove(p.file) // nobody needs it any more
}

// kill ends a process at once, and waits until it has.
func (p *process) kill() {
	_ = p.handle.Kill()
	<-p.done
}
