package promql

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
)

func float64frombits(b uint64) float64 { return math.Float64frombits(b) }

// api answers as a Prometheus does, from a database.
type api struct {
	engine *promql.Engine
	db     storage.Queryable
	asked  int
}

// series is one of an answer.
type series struct {
	Metric map[string]string `json:"metric"`
	Values [][2]any          `json:"values,omitempty"`
	Value  *[2]any           `json:"value,omitempty"`
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked++
	result, err := a.answer(r)
	body := map[string]any{"status": "success", "data": map[string]any{"resultType": "matrix", "result": result}}
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		body = map[string]any{"status": "error", "errorType": "execution", "error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(body)
}

func (a *api) answer(r *http.Request) ([]series, error) {
	var q promql.Query
	var err error
	switch r.URL.Path {
	case "/api/v1/query":
		q, err = a.engine.NewInstantQuery(r.Context(), a.db, nil, r.FormValue("query"), at(r.FormValue("time")))
	case "/api/v1/query_range":
		step, wrong := strconv.ParseFloat(r.FormValue("step"), 64)
		if wrong != nil {
			return nil, wrong
		}
		q, err = a.engine.NewRangeQuery(r.Context(), a.db, nil, r.FormValue("query"), at(r.FormValue("start")), at(r.FormValue("end")), time.Duration(step*1e9))
	default:
		err = fmt.Errorf("there is no %s", r.URL.Path)
	}
	if err != nil {
		return nil, err
	}
	defer q.Close()
	got := q.Exec(r.Context())
	if got.Err != nil {
		return nil, got.Err
	}
	list := []series{}
	switch v := got.Value.(type) {
	case promql.Vector:
		for _, s := range v {
			p := sample(s.T, s.F)
			list = append(list, series{Metric: named(s.Metric), Value: &p})
		}
	case promql.Matrix:
		for _, s := range v {
			one := series{Metric: named(s.Metric)}
			for _, p := range s.Floats {
				one.Values = append(one.Values, sample(p.T, p.F))
			}
			list = append(list, one)
		}
	}
	return list, nil
}

func at(text string) time.Time {
	seconds, _ := strconv.ParseFloat(text, 64) // the zero of a bad one answers nothing
	return time.UnixMilli(int64(math.Round(seconds * 1000)))
}

func sample(t int64, v float64) [2]any {
	return [2]any{float64(t) / 1000, strconv.FormatFloat(v, 'f', -1, 64)}
}

func named(of labels.Labels) map[string]string { return of.Map() }
