package provider

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/campaign"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/simulator/scenario"
)

func canaryScenario(t *testing.T, more string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse("f", []byte("installed: 1.5.0\ndeployment: {plugin_id: p, environment: Production, version: 1.6.0, strategy: Canary}\n"+more))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSameQuestionIsPlayedOnce: forty gates of one policy cost as one, and other
// questions are other ones.
func TestSameQuestionIsPlayedOnce(t *testing.T) {
	p := newSimulations()
	var all sync.WaitGroup
	traces := make([]string, 40)
	for i := range traces {
		all.Go(func() {
			f, err := p.play(context.Background(), canaryScenario(t, ""), campaign.Options{Runs: 10, Seed: 1})
			if err != nil {
				t.Error(err)
				return
			}
			traces[i] = f.Trace
		})
	}
	all.Wait()
	for _, trace := range traces {
		if trace == "" || trace != traces[0] {
			t.Errorf("traces %s and %s", trace, traces[0])
		}
	}
	if p.count != 1 {
		t.Errorf("it was played %d times", p.count)
	}
	for i, x := range []struct {
		s   *scenario.Scenario
		opt campaign.Options
	}{
		{canaryScenario(t, ""), campaign.Options{Runs: 11, Seed: 1}},
		{canaryScenario(t, ""), campaign.Options{Runs: 10, Seed: 2}},
		{canaryScenario(t, "tenants: {count: 149}\n"), campaign.Options{Runs: 10, Seed: 1}},
		{canaryScenario(t, "versions: {1.6.0: {bad: true}}\n"), campaign.Options{Runs: 10, Seed: 1}},
	} {
		if _, err := p.play(context.Background(), x.s, x.opt); err != nil || p.count != i+2 {
			t.Errorf("%v, and %d were played", err, p.count)
		}
	}
}

// TestWhoWaitsIsNotInterruptedByOthers: where the one who plays is interrupted, another
// one begins anew; who is interrupted while it waits goes.
func TestWhoWaitsIsNotInterruptedByOthers(t *testing.T) {
	p := newSimulations()
	s, opt := canaryScenario(t, ""), campaign.Options{Runs: 300, Seed: 1}
	first, stop := context.WithCancel(context.Background())
	begun := make(chan struct{})
	opt.Progress = func(done, _ int) {
		if done == 1 {
			close(begun)
		}
	}
	interrupted := make(chan error, 1)
	go func() {
		_, err := p.play(first, s, opt)
		interrupted <- err
	}()
	<-begun
	opt.Progress = nil
	impatient, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := p.play(impatient, s, opt); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	second := make(chan error, 1)
	go func() {
		f, err := p.play(context.Background(), s, opt)
		if err == nil && f.Runs != 300 {
			t.Errorf("%d runs", f.Runs)
		}
		second <- err
	}()
	time.Sleep(5 * time.Millisecond) // it waits, or begins anew: both must do
	stop()
	if err := <-interrupted; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("%v", err)
	}
}

// TestAnswersAreForgotten: a provider remembers so many, and no more.
func TestAnswersAreForgotten(t *testing.T) {
	p := newSimulations()
	for i := range mostAnswers + 3 {
		p.take([32]byte{byte(i), byte(i >> 8)})
	}
	if len(p.asked) > mostAnswers {
		t.Errorf("%d are remembered", len(p.asked))
	}
}

// TestProviderPlaysAQuestionOnce: the data sources of a provider share its answers.
func TestProviderPlaysAQuestionOnce(t *testing.T) {
	p := New("test")()
	var first tftypes.Value
	for i := range 3 {
		v, diags := askOn(context.Background(), t, p, tried("1.6.0"))
		expectGood(t, diags)
		if i == 0 {
			first = v
		}
		if !v.Equal(first) {
			t.Error("the answers differ")
		}
	}
	if n := p.(*hotswap).simulations.count; n != 1 {
		t.Errorf("it was played %d times", n)
	}
}
