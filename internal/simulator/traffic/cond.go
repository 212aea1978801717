package traffic

// cond is yes where c holds, and no where it does not.
func cond[T any](c bool, yes, no T) T {
	if c {
		return yes
	}
	return no
}
