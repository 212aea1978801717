package engine

// What tests of the package's users' side need from its inside.
var (
	WilsonLower = wilsonLower
	Quantile    = quantile
	Record      = record
)

func ParseJournal(data []byte) (Plan, []Event, error) {
	plan, events, _, err := parseJournal(data)
	return plan, events, err
}
