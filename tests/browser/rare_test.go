package browser_test

import (
	"testing"
)

// patched has the page get other answers about a rollout than the server gives.
const patched = `(() => {
	const plain = window.fetch;
	window.fetch = async (path, how) => {
		const answer = await plain(path, how);
		if (!path.includes('glimpse')) return answer;
		const d = await answer.json();
		(%s)(d);
		return new Response(JSON.stringify(d), {status: answer.status, headers: {'Content-Type': 'application/json'}});
	};
	return true;
})()`

// TestRare looks at what servers seldom say: each is told of, in words.
func TestRare(t *testing.T) {
	r := start(t)
	id := r.deploy("Production", plugin, "1.6.0", "Canary", canary("10, 30, 50, 100", "PT4M", ""))
	script := axe(t)
	for name, c := range map[string]struct{ change, selector, want string }{
		"unattended": {
			`(d) => Object.assign(d.conditions.find((c) => c.type === 'Walked'), {status: 'False', reason: 'unattended', message: 'no server says that it walks the rollout'})`,
			".notice.bad", "Nobody walks this rollout",
		},
		"rolling-back": {
			`(d) => { d.phase = 'rolling_back'; d.stage = {number: 3, of: 6, name: '30%'}; d.story = 'The gate of stage "30%" failed.'; d.step = {kind: 'undo', text: 'takes back what it changed', began: d.startedAt};
				for (const [stage, kind] of [[2, 'began'], [3, 'began'], [3, 'reverting'], [3, 'reverted'], [2, 'reverting']]) d.timeline.push({seq: d.timeline.length, at: d.at, kind, stage, text: kind}); }`,
			".stage.returning", "being taken back",
		},
		"blind": {`(d) => { d.step.blindSince = d.startedAt; }`, ".step", "There are no samples"},
		"unseen": {
			`(d) => { d.now = {unseen: 'the fleet answers with 502'}; d.observedGeneration = 0; }`, ".notice.warn", "The fleet cannot be seen",
		},
		"needs": {
			`(d) => { d.now.verdict = {result: 'inconclusive', reason: 'too few requests', requests: 120, tenants: 4, window: 6e10, findings: [
				{metric: 'errorRate', observed: 0.041, allowed: 0.05, result: 'inconclusive', detail: 'error rate 4.1 %', needs: 900}, {metric: 'errorRatio', observed: 0, infinite: true, allowed: 1.25, result: 'fail', detail: 'x'},
				{metric: 'smoke', observed: 0, allowed: 0, result: 'pass', detail: '2 smoke tests passed'}]}; }`,
			".check-needs", "Needs about 780 more requests",
		},
		"stuck": {
			`(d) => { d.phase = d.outcome = 'stuck'; d.story = 'It stuck.\n\nThe fleet refuses.'; d.now.condition.ailing = [{instance: 'instance-03', ready: false, failures: 4, version: '1.6.0', deaths: 2}]; d.now.condition.broken = [{target: 'instance-04', reason: 'no space left'}]; }`,
			".notice.bad", "a person is needed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, r)
			b.size(1280)
			b.theme("light")
			b.come("#/fleets")
			b.login(r.tokens["olga"])
			eval[bool](b, patched, c.change)
			b.see("#/rollouts/"+id, ".track")
			b.wait(c.selector, c.want)
			b.inspect(script, name)
			b.shot("rare-" + name)
			b.size(360)
			b.within(name)
		})
	}
}
