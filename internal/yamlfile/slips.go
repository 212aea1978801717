package yamlfile

// closest is the key that key is probably meant to be; "" where none is near.
func closest(key string, members []Member) string {
	best, least := "", 3 // as many slips as are believed
	for _, m := range members {
		if d := Slips(key, m.Key); d < least {
			best, least = m.Key, d
		}
	}
	return best
}

// Slips is how many letters have to be put in, taken out or changed to make b of a.
func Slips(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
