package conformance

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
	"github.com/hotswap-io/terraform-provider-hotswap/internal/fleet/contract"
)

func rolloutClauses() []Clause {
	return []Clause{
		{ID: "rollouts.newest_first", Says: "Rollouts are listed by ordinal, the greatest first.", Needs: journaled, After: afterwork, try: (*trial).newestFirst},
		{ID: "rollouts.below", Says: "With `below`, only rollouts whose ordinal is less.", Needs: journaled, After: afterwork, try: (*trial).below},
		{ID: "rollouts.pages", Says: "A page of rollouts has at most `limit`, and `more` says whether there are older ones.", Needs: journaled, After: []string{"rollouts.begin", "events.append", "rollouts.below"}, try: (*trial).rolloutPages},
		{ID: "rollouts.outcome", Says: "With `outcome`, only rollouts that ended so.", Needs: journaled, After: afterwork, try: (*trial).byOutcome},
		{ID: "rollouts.owner", Says: "The owner is written only where it was `previous` before; else 409 `owner-differs`, and nothing is written.", Needs: journaled, After: afterwork, try: (*trial).owner},
	}
}

func leaseClauses() []Clause {
	return []Clause{
		{ID: "leases.taken", Says: "A lease is given until so many seconds from now, and the rollout has it.", Needs: journaled, After: afterwork, try: (*trial).leaseTaken},
		{ID: "leases.held", Says: "While another holder's lease has not passed, 409 `leased`, and `lease` says whose it is and until when.", Needs: journaled, After: afterwork, try: (*trial).leaseHeld},
		{ID: "leases.renewed", Says: "The holder renews it by asking again.", Needs: journaled, After: afterwork, try: (*trial).leaseRenewed},
		{ID: "leases.given_back", Says: "A lease that is given back is anybody's; to give back another holder's changes nothing.", Needs: journaled, After: afterwork, try: (*trial).leaseGivenBack},
		{ID: "leases.passed", Says: "A lease that has passed is anybody's, and the rollout has none.", Needs: journaled, After: afterwork, try: (*trial).leasePassed},
		{ID: "leases.no_right", Says: "A lease gives no right to anything: who writes is decided by the number of the event alone.", Needs: journaled, After: afterwork, try: (*trial).leaseNoRight},
	}
}

// some sees to it that there are three rollouts, which ended unlike each other.
func (t *trial) some() (newest []string) {
	for _, how := range []engine.Outcome{engine.Succeeded, engine.RolledBack, engine.Retained} {
		newest = append(newest, t.begin())
		t.endedAs(0, how)
		t.going.open = false
	}
	slices.Reverse(newest)
	return newest
}

func (t *trial) page(a ask) (page contract.RolloutPage) {
	t.read(a, http.StatusOK, &page)
	return page
}

func names(heads []contract.RolloutHead) (of []string) {
	for i := range heads {
		of = append(of, heads[i].Rollout)
	}
	return of
}

func (t *trial) newestFirst() {
	newest := t.some()
	items := t.page(get("rollouts")).Items
	got := names(items)
	t.must(len(got) >= 3 && slices.Equal(got[:3], newest), "the newest are %q, and the last that began are %q", got[:min(3, len(got))], newest)
	for i := range items {
		t.must(i == 0 || items[i].Ordinal < items[i-1].Ordinal, "ordinal %d comes after %d", items[i].Ordinal, items[max(0, i-1)].Ordinal)
	}
}

func (t *trial) below() {
	newest := t.some()
	last := t.kept().Ordinal
	got := t.page(get("rollouts").with("below", last)).Items
	t.must(len(got) >= 2 && got[0].Rollout == newest[1], "below %d the newest are %q, and %s is wanted first", last, names(got[:min(2, len(got))]), newest[1])
}

func (t *trial) rolloutPages() {
	newest := t.some()
	for _, limit := range []int{1, 2} {
		page := t.page(get("rollouts").with("limit", limit))
		t.must(len(page.Items) <= limit, "a page has %d rollouts, and %d are the limit", len(page.Items), limit)
		t.must(len(page.Items) > 0 && page.More, "of at least 3 rollouts %d are on the page, and more is %v", len(page.Items), page.More)
		next := t.page(get("rollouts").with("limit", 1).with("below", page.Items[len(page.Items)-1].Ordinal))
		t.must(slices.Equal(names(next.Items), newest[len(page.Items):][:1]), "the page after it begins with %q", names(next.Items))
	}
	var last int64
	for more := true; more; {
		page := t.page(get("rollouts").with("limit", 7).with("below", cmp.Or(last, 1<<62)))
		items := page.Items
		more = page.More
		t.must(len(items) > 0 || !more, "a page without rollouts says that there are more")
		for i := range items {
			t.must(items[i].Ordinal > 0 && (last == 0 || items[i].Ordinal < last), "ordinal %d comes after %d", items[i].Ordinal, last)
			last = items[i].Ordinal
		}
	}
	t.must(len(t.page(get("rollouts").with("below", last)).Items) == 0, "below %d, where more was false, there are more rollouts", last)
}

func (t *trial) byOutcome() {
	newest := t.some()
	for i, how := range []engine.Outcome{engine.Retained, engine.RolledBack, engine.Succeeded} {
		got := t.page(get("rollouts").with("outcome", how)).Items
		t.must(len(got) > 0 && got[0].Rollout == newest[i], "of those that ended as %s the newest are %q, and %s is wanted first", how, names(got[:min(2, len(got))]), newest[i])
		for k := range got {
			t.must(got[k].Outcome == how, "rollout %s ended as %q, and only those that ended as %s were asked for", got[k].Rollout, got[k].Outcome, how)
		}
	}
}

func (t *trial) kept() (kept contract.Rollout) {
	t.read(get("rollouts", t.going.rollout), http.StatusOK, &kept)
	return kept
}

func (t *trial) owner() {
	id := t.begin()
	own := func(owner, previous string) ask {
		return put(contract.Owner{Owner: owner, Previous: previous}, "rollouts", id, "owner")
	}
	t.refused(own("second", "first"), contract.OwnerDiffers)
	t.read(own("first", ""), http.StatusOK, nil)
	t.must(t.kept().Owner == "first", "the owner is %q, and first was written", t.kept().Owner)
	t.refused(own("second", ""), contract.OwnerDiffers)
	t.refused(own("second", "third"), contract.OwnerDiffers)
	t.must(t.kept().Owner == "first", "the owner is %q, and only first was written", t.kept().Owner)
	t.read(own("second", "first"), http.StatusOK, nil)
	t.must(t.kept().Owner == "second", "the owner is %q, and second was written", t.kept().Owner)
}

// lease is the request for a lease of the open rollout.
func (t *trial) lease(holder string, seconds int) ask {
	return put(contract.Lease{Holder: holder, Seconds: seconds}, "rollouts", t.going.rollout, "lease")
}

func (t *trial) leased(holder string, seconds int) time.Time {
	var l struct {
		At, Until time.Time
		Holder    string
	}
	t.read(t.lease(holder, seconds), http.StatusOK, &l)
	t.must(l.Holder == holder, "the holder is %q, and %s asked", l.Holder, holder)
	return l.Until
}

func (t *trial) leaseTaken() {
	t.begin()
	before := t.describe().At
	until := t.leased("one", 60)
	after := t.describe().At
	minute := time.Minute
	t.must(!until.Before(before.Add(minute-2*time.Second)) && !until.After(after.Add(minute+2*time.Second)), "a lease of 60 seconds is until %s, and it was between %s and %s", until, before, after)
	l := t.kept().Lease
	t.must(l != nil && l.Holder == "one" && l.Until.Equal(until), "the rollout has the lease %+v, and one has it until %s", l, until)
}

func (t *trial) leaseHeld() {
	t.begin()
	until := t.leased("one", 60)
	got := t.refused(t.lease("another", 60), contract.Leased)
	var p contract.Problem
	if err := got.in(&p); err != nil {
		t.fail("%v", err)
	}
	t.must(p.Lease != nil && p.Lease.Holder == "one" && p.Lease.Until.Equal(until), "the problem has the lease %+v, and one has it until %s", p.Lease, until)
}

func (t *trial) leaseRenewed() {
	t.begin()
	first := t.leased("one", 30)
	t.must(t.leased("one", 60).After(first), "a lease that was renewed for twice as long is not until later")
	t.refused(t.lease("another", 60), contract.Leased)
}

func (t *trial) leaseGivenBack() {
	t.begin()
	give := func(holder string) ask {
		return ask{method: http.MethodDelete, path: []string{"rollouts", t.going.rollout, "lease"}}.with("holder", holder)
	}
	t.read(give("nobody"), http.StatusOK, nil)
	t.leased("one", 60)
	t.read(give("another"), http.StatusOK, nil)
	t.refused(t.lease("another", 60), contract.Leased)
	t.read(give("one"), http.StatusOK, nil)
	t.must(t.kept().Lease == nil, "the rollout has a lease that was given back")
	t.leased("another", 60)
}

func (t *trial) leasePassed() {
	t.begin()
	until := t.leased("one", 1)
	for waited, wait := time.Duration(0), firstLook; !t.describe().At.After(until); wait = min(2*wait, longestLook) {
		t.must(waited < spareTime, "the lease of 1 second is until %s, and after %s it is %s", until, waited, t.describe().At)
		t.rest(wait)
		waited += wait
	}
	t.must(t.kept().Lease == nil, "the rollout has a lease that has passed")
	t.leased("another", 60)
}

func (t *trial) leaseNoRight() {
	t.begin()
	t.leased("one", 60)
	t.written(t.write(0, "of another one", nil))
}
