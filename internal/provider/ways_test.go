//go:build unix

package provider

import (
	"slices"
	"testing"
)

// story is something that happens to a deployment. It means the same in all ways, but for
// what it says itself.
type story struct {
	tell func(p *place, tf *terraform)
	// only are the ways in which it can happen; none: all. differs says why.
	only    []string
	differs string
}

// TestAccWays tells every story in every way, each on a fleet of its own.
func TestAccWays(t *testing.T) {
	for name, s := range wayStories() {
		for _, way := range []string{waySimulated, wayFleet, wayController} {
			if s.only != nil && !slices.Contains(s.only, way) {
				continue
			}
			t.Run(name+"/"+way, func(t *testing.T) {
				t.Parallel()
				tf := newTerraform(t)
				s.tell(newPlace(t, way), tf)
			})
		}
	}
}

// alone are the ways in which a rollout goes on while no apply runs.
var alone = []string{waySimulated, wayController}

const nobodyWalks = "nobody walks the rollouts of a fleet but applies: wait_for_completion = false is an error there"

const (
	nobodyThere   = "a simulated fleet is in the provider's own process"
	nobodyBetween = "only a controller can be away while the fleet is there"
)

func wayStories() map[string]story {
	stories := map[string]story{
		"SIGINT leaves":                  {tell: interruptedLeave, differs: "a controller goes on with the rollout, and the message says so"},
		"SIGINT rolls back":              {tell: interruptedRollback},
		"killed, no state":               {tell: killed(false)},
		"killed, older state":            {tell: killed(true), differs: "what a controller walks is not unattended"},
		"timeout pauses":                 {tell: timedOut},
		"timeout rolls back":             {tell: timedOutBack},
		"two at once":                    {tell: twice, differs: "at a fleet the second one waits for the first, and else both look on or take turns"},
		"destroyed in flight":            {tell: destroyedInFlight},
		"drift":                          {tell: drifted},
		"stale plans":                    {tell: stale},
		"replaced, renamed and imported": {tell: replaced},
		"data sources":                   {tell: readAll},
		"decided by configuration":       {tell: decidedHere, differs: "a controller can be told without Terraform, and watches meanwhile"},
		"decided elsewhere":              {tell: decidedElsewhere},
		"a hold fails":                   {tell: failsHeld},
		"a hold has a time":              {tell: heldOut},
		"a rollback is stored":           {tell: warned},
		"not waited for":                 {tell: livedAlone(60), only: alone, differs: nobodyWalks},
		"not waited for, at once":        {tell: livedAlone(0), only: []string{waySimulated}, differs: "only a simulated fleet has no time"},
		"not waited for, decided":        {tell: decidedAlone, only: alone, differs: nobodyWalks},
		"not waited for, looked at":      {tell: lookedAt, only: alone, differs: nobodyWalks},
		"interrupted, then left":         {tell: leftLater, only: alone, differs: nobodyWalks},
		"secrets":                        {tell: secretive, only: reached, differs: "a simulated fleet has none"},
		"not waited for, destroyed":      {tell: destroyedAlone, only: alone, differs: nobodyWalks},
		"allowed environments":           {tell: confined},
		"endpoint known later":           {tell: knownLater, only: reached, differs: nobodyThere},
		"not reached":                    {tell: unreached, only: reached, differs: nobodyThere},
		"wait where nobody walks":        {tell: nobodyWaits, only: []string{wayFleet}, differs: nobodyWalks},
		"wait by default":                {tell: untoldWaits, differs: "only with a controller there is something to gain where an apply does not wait"},
		"rate limited":                   {tell: limited, only: []string{wayController}, differs: nobodyBetween},
		"controller restarted":           {tell: restarted, only: []string{wayController}, differs: nobodyBetween},
		"controller away":                {tell: away, only: []string{wayController}, differs: nobodyBetween},
	}
	for name := range servedStrategies {
		stories[name] = story{tell: lived(name)}
	}
	return stories
}
