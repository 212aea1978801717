package traffic

// Class is a kind of service that requests get. Classes go by their numbers, from 0 on, in
// the order in which the flow came to know them.
type Class struct {
	Version uint16 // number of the version that serves
	// Lost: nobody answers, and every request is an error. Absent: there are no requests.
	Lost, Absent bool
	// Untold: what serves does not report what it counts.
	Untold bool
	Does   Service
	// Least is the error rate that no tenant is below, 0..1: of what strikes all alike.
	// Does.ErrorRate is that of a tenant like most.
	Least float64
	// Of is the class that it would be if nothing struck some tenants only; 0: itself. The
	// first class is never one of those.
	Of uint16
	// Times is how many times as much as usual the class's tenants send; 0: once.
	Times float64
	// Above is how many requests per second of the version are too many, 0: none are,
	// and Over the class that it becomes then.
	Above float64
	Over  uint16
}

// Service is what becomes of the requests of a class.
type Service struct {
	ErrorRate       float64 // errors / requests, 0..1
	TimeoutRate     float64 // timeouts / requests, 0..1; with ErrorRate at most 1
	LatencyP50Ms    float64 // median latency in ms, above 0
	LatencyP99Ms    float64 // 99th percentile of latency in ms, at least the median
	ConversionRate  float64 // conversions / requests that succeed, 0..1
	Satisfaction    float64 // mean of the survey scores, 1..5
	SurveyRate      float64 // surveys answered / requests, 0..1
	ExecutionTimeMs float64 // mean time in the version's code in ms, at least 0
	CPU, Memory     float64 // mean shares of the limits, 0..1
}

// Know tells f of the next class.
func (f *Flow) Know(c Class) {
	f.classes = append(f.classes, c)
	f.singled = f.singled || c.Of != 0
}

// versions is above the numbers of all versions that there are classes of.
func (f *Flow) versions() int {
	n := 0
	for i := range f.classes {
		n = max(n, int(f.classes[i].Version)+1)
	}
	return n
}
