package conformance

import (
	"net/http"
)

// answerClauses are about every answer of the run: whatever it was for, it is looked at.
func answerClauses() []Clause {
	return []Clause{
		{ID: "answers.media", Says: "Answers are `application/json`, but for lists of targets.", try: of(aboutMedia)},
		{ID: "answers.form", Says: "Every answer has the status and the form that the contract has for it.", try: of(aboutForm)},
		{ID: "answers.at", Says: "Every answer has `at`, in RFC 3339 and UTC.", try: of(aboutTime)},
		{ID: "answers.clock", Says: "`at` does not run backwards, by more than a second.", try: of(aboutClock)},
		{ID: "problems.form", Says: "Errors are `application/problem+json`, with a title and the status of the answer.", try: of(aboutProblems)},
		{ID: "problems.reasons", Says: "A problem has a `reason` out of the list, with the status that it comes with.", try: of(aboutReasons)},
	}
}

// of is a clause about what was seen of a subject.
func of(s subject) func(*trial) {
	return func(t *trial) {
		t.tour()
		seen, remarks := t.caller.ledger.about(s)
		t.must(seen > 0, "there was no answer to look at")
		if len(remarks) > 0 {
			panic(found{Fails, remarks[0].what, remarks[0].shown})
		}
	}
}

// tour asks a little of everything, for a run of these clauses alone.
func (t *trial) tour() {
	for _, a := range []ask{
		{method: http.MethodGet, top: true, path: []string{"v1"}},
		get(), get("instances"), get("tenants"), get("rollouts"), t.watch(),
		{method: http.MethodGet, top: true, path: []string{"v1", "conformance-no-such-path"}},
	} {
		t.send(a)
	}
}
