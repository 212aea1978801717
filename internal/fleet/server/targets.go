package server

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/exchange"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

// What is kept of lists of targets. Those that no rollout needs stay for an hour after
// they were last used, and are only taken as long as there is room for them.
const (
	listFor      = time.Hour
	mostUnneeded = 64
	mostDecoded  = 4   // lists that are in memory as what they say
	lineSize     = 256 // bytes of a line, above the mean of long names
	listName     = "targets-"
)

// lists are the lists of targets of a world, by their digests.
type lists struct {
	keeper  Keeper
	now     func() time.Time
	limits  contract.Limits
	needed  func() (map[string]bool, error) // lists that rollouts refer to
	mu      sync.Mutex
	used    map[string]time.Time
	decoded []*list // the one that was used last, last
}

// list is a list of targets that was decoded: what is handed to the fleet are views of it.
type list struct {
	digest  string
	targets engine.Targets
}

func newLists(k Keeper, o Options, needed func() (map[string]bool, error)) *lists {
	return &lists{keeper: k, now: o.Now, limits: o.Limits, needed: needed, used: map[string]time.Time{}}
}

var digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// digest is that of the path.
func (x *call) digest() (string, error) {
	d := x.PathValue("digest")
	if !digestPattern.MatchString(d) {
		return "", exchange.Refuse(contract.InvalidRequest, "%q is not a digest: 64 hex digits in lower case", d)
	}
	return d, nil
}

// putTargets takes a list.
func (w *world) putTargets(x *call) error {
	digest, err := x.digest()
	if err != nil {
		return err
	}
	text, err := x.Read(contract.NDJSON, int64(x.limits.Targets)*lineSize)
	if err != nil {
		return err
	}
	if is := contract.DigestOf(text); is != digest {
		return exchange.Refuse(contract.TargetsDiffer, "the list has the digest %s, and was sent as %s", is, digest)
	}
	if n := bytes.Count(text, []byte("\n")); n > x.limits.Targets {
		return exchange.Refuse(contract.TooLarge, "the list has %d lines, and at most %d are taken", n, x.limits.Targets)
	}
	fresh, err := w.lists.put(digest, text)
	switch {
	case err != nil:
		return err
	case fresh:
		return x.Taken(http.StatusCreated)
	default:
		return x.Taken(http.StatusOK)
	}
}

// getTargets gives a list back.
func (w *world) getTargets(x *call) error {
	digest, err := x.digest()
	if err != nil {
		return err
	}
	text, err := w.lists.text(digest)
	if err != nil {
		return err
	}
	if text == nil {
		return exchange.Refuse(contract.NotFound, "there is no list of targets %s", digest)
	}
	x.Send(http.StatusOK, contract.NDJSON, text)
	return nil
}

// put keeps a list; fresh says that it was not there.
func (l *lists) put(digest string, text []byte) (fresh bool, err error) {
	targets, err := contract.DecodeTargets(text, l.limits.Targets)
	if err != nil {
		return false, exchange.Refuse(contract.InvalidRequest, "the list of targets: %v", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.keeper.Get(listName + digest)
	switch {
	case err == nil:
		l.used[digest] = l.now()
		return false, nil
	case !errors.Is(err, fs.ErrNotExist):
		return false, err
	}
	if err := l.sweep(); err != nil {
		return false, err
	}
	if err := l.keeper.Put(listName+digest, text); err != nil {
		return false, err
	}
	l.remember(&list{digest, targets})
	return true, nil
}

// sweep drops the lists that nobody needs any more, and refuses another one where too many
// are left that may be needed within the hour.
func (l *lists) sweep() error {
	names, err := l.keeper.Names()
	if err != nil {
		return err
	}
	needed, err := l.needed()
	if err != nil {
		return err
	}
	now, unneeded, first := l.now(), 0, l.now()
	for _, name := range names {
		digest, is := strings.CutPrefix(name, listName)
		if !is || needed[digest] {
			continue
		}
		used, known := l.used[digest]
		if !known { // of the process before, which may have used it a moment ago
			used = now
			l.used[digest] = now
		}
		if now.Sub(used) <= listFor {
			if unneeded++; used.Before(first) {
				first = used
			}
			continue
		}
		if err := l.keeper.Delete(name); err != nil {
			return err
		}
		delete(l.used, digest)
	}
	if unneeded >= mostUnneeded {
		f := exchange.Refuse(contract.Unavailable, "%d lists of targets are kept that no rollout refers to, and no more are taken", unneeded)
		f.After = first.Add(listFor).Sub(now)
		return f
	}
	return nil
}

// text is a list as it came; nil: there is none.
func (l *lists) text(digest string) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text, err := l.keeper.Get(listName + digest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		l.used[digest] = l.now()
	}
	return text, err
}

// find is a list that was decoded, the same one each time as long as it is in use. "" is
// an empty list. The error is a problem where there is none.
func (l *lists) find(digest string) (*list, error) {
	if digest == "" {
		return &list{}, nil
	}
	l.mu.Lock()
	for i, known := range l.decoded {
		if known.digest == digest {
			l.decoded = append(append(l.decoded[:i:i], l.decoded[i+1:]...), known)
			l.used[digest] = l.now()
			l.mu.Unlock()
			return known, nil
		}
	}
	l.mu.Unlock()
	text, err := l.text(digest)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return nil, exchange.Refuse(contract.TargetsMissing, "there is no list of targets %s: upload it", digest)
	}
	targets, err := contract.DecodeTargets(text, l.limits.Targets)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.remember(&list{digest, targets}), nil
}

// remember keeps a decoded list, unless another call was faster.
func (l *lists) remember(fresh *list) *list {
	l.used[fresh.digest] = l.now()
	for _, known := range l.decoded {
		if known.digest == fresh.digest {
			return known
		}
	}
	l.decoded = append(l.decoded, fresh)
	if n := len(l.decoded); n > mostDecoded {
		l.decoded = append([]*list(nil), l.decoded[n-mostDecoded:]...)
	}
	return fresh
}

// view is a part of a list.
func view[T any](list []T, r engine.Range, field string) ([]T, error) {
	switch {
	case r == engine.Range{}:
		return nil, nil
	case r.From < 0 || r.To < r.From || r.To > len(list):
		return nil, exchange.Wrong(field, "places %d to %d are not in the list, which has %d", r.From, r.To, len(list))
	default:
		return list[r.From:r.To:r.To], nil
	}
}
