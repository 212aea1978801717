package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/server/contract"
)

// victims are what is killed, and how many requests clients may see lost of it: of what had a
// request in hand when it died.
var victims = []struct {
	kind string
	most func(away time.Duration) int64
}{
	// A twentieth of the requests go to one of twenty instances, for as long as the router has not
	// seen that it is away: that is a connection refused, at once. A second's worth is plenty.
	{"instance", func(time.Duration) int64 { return 2 + rate/instances }},
	// The instance lives, and says that its plugin does not: those are failures of the version.
	{"plugin", func(time.Duration) int64 { return 0 }},
	// Nobody is served while the router is away: all that is due then, and what was in hand.
	{"router", func(away time.Duration) int64 { return int64(rate * (away.Seconds() + 2)) }},
	// None of these is on the way of a request.
	{"manager", nobody},
	{"prometheus", nobody},
	{"server", nobody},
	{"terraform", nobody},
}

func nobody(time.Duration) int64 { return 0 }

// TestKills kills each part of the host and of who rolls out at a random moment of a rollout of
// a good version. HOST_KILLS says how many kills there are instead of one of each; HOST_SEED
// repeats their moments.
func TestKills(t *testing.T) {
	n, begins := len(victims), time.Now().UnixNano()
	if text := os.Getenv("HOST_KILLS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatalf("HOST_KILLS: %v", err)
		}
	}
	if text := os.Getenv("HOST_SEED"); text != "" {
		var err error
		if begins, err = strconv.ParseInt(text, 10, 64); err != nil {
			t.Fatalf("HOST_SEED: %v", err)
		}
	}
	r := start(t, nil)
	if r.Stack.Prometheus == nil {
		t.Log("no prometheus is killed: there is none")
	}
	moments := rand.New(rand.NewPCG(uint64(begins), 0))
	for i := range n {
		v := victims[i%len(victims)]
		after := time.Duration(moments.Float64() * float64(15*time.Second))
		if v.kind == "prometheus" && r.Stack.Prometheus == nil {
			continue
		}
		ok := t.Run(fmt.Sprintf("%d %s after %.1fs", i, v.kind, after.Seconds()), func(t *testing.T) {
			r.killed(t, v.kind, after, v.most)
		})
		if !ok {
			t.Fatalf("repeat it: HOST_SEED=%d HOST_KILLS=%d go test ./live -run TestKills -v", begins, i+1)
		}
	}
}

// killed kills one, some time after a rollout began.
func (r *Rig) killed(t *testing.T, kind string, after time.Duration, most func(time.Duration) int64) {
	t.Helper()
	ctx, p := context.Background(), PolicyOf(engine.Rolling)
	from, version, err := r.prepare(ctx, Case{Policy: p})
	if err != nil {
		t.Fatal(err)
	}
	before, began := r.Tally.Counts(), time.Now()
	played := r.killedServed
	if kind == "terraform" {
		played = r.killedTerraform
	}
	got, away, err := played(ctx, t, p, kind, from, version, after)
	if err != nil {
		t.Fatal(err)
	}
	n := r.Tally.Counts().Since(before)
	t.Logf("%s after %.1f s: %s in %.1f s; %d requests, %d failed, %d lost (at most %d)", kind, after.Seconds(), got.Outcome, got.Took, n.Sent, n.Failed, n.Lost, most(away))
	if n.Lost > most(away) {
		t.Errorf("%d requests were lost, and at most %d were in hand", n.Lost, most(away))
	}
	if n.Sent == 0 || float64(n.Sent) < 0.5*rate*(time.Since(began)-away).Seconds() {
		t.Errorf("only %d requests were answered", n.Sent)
	}
	r.whole(t, got, version)
}

// killedServed has the server roll out.
func (r *Rig) killedServed(ctx context.Context, t *testing.T, p Policy, kind, from, version string, after time.Duration) (*Played, time.Duration, error) {
	t.Helper()
	id, err := r.Begin(ctx, p, version)
	if err != nil {
		return nil, 0, err
	}
	if err := wait(ctx, after); err != nil {
		return nil, 0, err
	}
	who := ""
	err = until(ctx, time.Minute, func() (bool, error) { // a plugin is only there with versions that are processes
		var err error
		who, err = r.Stack.Kill(ctx, kind)
		return err == nil, nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("killing %s: %w", kind, err)
	}
	t.Logf("kill -9 of %s", who)
	away := time.Duration(0)
	if kind == "router" {
		if away, err = r.calm(ctx); err != nil {
			return nil, 0, err
		}
		t.Logf("requests were lost for %.1f s", away.Seconds())
	}
	if kind == "prometheus" {
		if err := r.resumed(ctx, t, id); err != nil {
			return nil, 0, err
		}
	}
	played, err := r.End(ctx, id, from, version)
	return played, away, err
}

// resumed resumes a rollout that waits because nobody counted while a Prometheus was away, as a
// person does, and waits until it ended. A stage that is over before there are samples again has
// seen too little, which is no pass.
func (r *Rig) resumed(ctx context.Context, t *testing.T, id string) error {
	t.Helper()
	const most = 3
	resumes := 0
	return until(ctx, mostTook, func() (bool, error) {
		d, err := r.Stack.Client.Show(ctx, id, false)
		if err != nil || d.Outcome != "" {
			return true, err
		}
		if d.Phase != string(engine.PhaseHeld) {
			return false, nil
		}
		if resumes++; resumes > most || !strings.Contains(d.Story, "requests") {
			return true, nil // and that is seen to have no reason
		}
		t.Logf("held, and resumed: %s", firstLine(d.Story))
		_, err = r.Stack.Client.Signal(ctx, id, contract.Signal{Signal: contract.Resume, Reason: "its Prometheus is back"})
		return false, err
	})
}

// calm waits until none was lost for two seconds, and says for how long before some were. That
// has to be soon.
func (r *Rig) calm(ctx context.Context) (time.Duration, error) {
	const quiet, soon = 2 * time.Second, 20 * time.Second
	began := time.Now()
	lost, last := r.Tally.Counts().Lost, began
	err := until(ctx, soon, func() (bool, error) {
		if n := r.Tally.Counts().Lost; n > lost {
			lost, last = n, time.Now()
		}
		return time.Since(last) > quiet, nil
	})
	return last.Sub(began), err
}

// killedTerraform has terraform roll out, twice: the second apply goes on.
func (r *Rig) killedTerraform(ctx context.Context, t *testing.T, p Policy, _, from, version string, after time.Duration) (*Played, time.Duration, error) {
	t.Helper()
	tf := newTerraform(t)
	tf.write(r.block(byFleet), p, version)
	cmd, said := tf.start()
	time.Sleep(after)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its provider, too
	_ = cmd.Wait()
	t.Logf("kill -9 of terraform and its provider, which had said %d bytes", said.Len())
	if text, ok := tf.apply(); !ok {
		return nil, 0, fmt.Errorf("the next apply failed: %s", text)
	}
	played, err := r.measured(ctx, byFleet, from, version)
	return played, 0, err
}

// whole holds the fleet against how a rollout ended, and its journal against doing things twice.
func (r *Rig) whole(t *testing.T, p *Played, version string) {
	t.Helper()
	want := map[string]string{"succeeded": version, "rolled_back": p.From}[p.Outcome]
	if want == "" {
		t.Errorf("it ended as %s: %s", p.Outcome, p.Story)
	}
	head, err := r.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range head.Versions {
		if v.Version != want && v.Instances > 0 {
			t.Errorf("%d instances serve %s and not %s", v.Instances, v.Version, want)
		}
	}
	begun, ended := map[int]int{}, 0
	for _, e := range p.Events {
		switch e.Kind {
		case engine.Began:
			begun[e.Stage]++
		case engine.Finished:
			ended++
		}
	}
	for stage, n := range begun {
		if n > 1 {
			t.Errorf("stage %d began %d times", stage, n)
		}
	}
	if ended != 1 {
		t.Errorf("it finished %d times", ended)
	}
}
