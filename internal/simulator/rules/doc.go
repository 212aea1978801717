// Package rules has the rules by which other systems judge a new version, and the engine's
// own without what makes it sound, each as a judge of the engine, to be tried on what the
// engine's own judges are tried on.
//
// They are written from the documentation and the sources of those systems, with the settings
// that these show, and with the gate's cap in the place of the threshold that a user of theirs
// would write. All take counts minute by minute and judge each stage anew. What those systems
// do besides (which traffic they send, how they count it, other metrics) is not in them.
package rules
