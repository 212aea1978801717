package watch

import (
	"reflect"
	"testing"
	"time"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/engine"
)

// Whatever differs in an event or in an order shows in the trace: no field, of those
// that there are and of those that come, is forgotten.
func TestTraceSeesEveryField(t *testing.T) {
	var bare trace
	bare.event(&engine.Event{})
	for path, e := range changed(engine.Event{}) {
		var h trace
		if h.event(&e); h == bare {
			t.Errorf("Event%s is not in the trace", path)
		}
	}
	bare = 0
	bare.order(&engine.Order{})
	for path, c := range changed(engine.Change{}) {
		var h trace
		if h.order(&engine.Order{Change: c}); h == bare {
			t.Errorf("Change%s is not in the trace", path)
		}
	}
	var one trace
	if one.order(&engine.Order{Seq: 1}); one == bare {
		t.Error("the number of an order is not in the trace")
	}
}

// changed gives, for each field of a struct and of the structs in it, a copy of v in
// which only that field is not zero.
func changed[T any](v T) map[string]T {
	copies := map[string]T{}
	var walk func(at reflect.Type, path string, set func(copied reflect.Value) reflect.Value)
	walk = func(at reflect.Type, path string, set func(reflect.Value) reflect.Value) {
		field := func(change func(reflect.Value)) {
			var c T
			change(set(reflect.ValueOf(&c).Elem()))
			copies[path] = c
		}
		switch {
		case at == reflect.TypeFor[time.Time]():
			field(func(v reflect.Value) { v.Set(reflect.ValueOf(time.Unix(1, 0))) })
		case at.Kind() == reflect.Struct:
			for i := range at.NumField() {
				walk(at.Field(i).Type, path+"."+at.Field(i).Name, func(v reflect.Value) reflect.Value { return set(v).Field(i) })
			}
		case at.Kind() == reflect.Pointer:
			walk(at.Elem(), path, func(v reflect.Value) reflect.Value {
				v = set(v)
				if v.IsNil() {
					v.Set(reflect.New(at.Elem()))
				}
				return v.Elem()
			})
		case at.Kind() == reflect.Slice:
			field(func(v reflect.Value) { v.Set(reflect.MakeSlice(at, 1, 1)) })
		case at.Kind() == reflect.String:
			field(func(v reflect.Value) { v.SetString("x") })
		case at.Kind() == reflect.Bool:
			field(func(v reflect.Value) { v.SetBool(true) })
		case at.Kind() == reflect.Float64:
			field(func(v reflect.Value) { v.SetFloat(1.5) })
		default:
			field(func(v reflect.Value) { v.SetInt(7) })
		}
	}
	walk(reflect.TypeFor[T](), "", func(v reflect.Value) reflect.Value { return v })
	return copies
}
