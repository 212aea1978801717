package contract

import (
	"reflect"
	"testing"
)

// FuzzTargets reads lists that are none, and writes what it could read so that it reads the
// same again.
func FuzzTargets(f *testing.F) {
	for _, text := range []string{"{\"instance\":\"i\",\"installed\":[\"1\"]}\n{\"tenant\":\"t\",\"weight\":1e300}\n", "{}", "\n\n", "{\"tenant\":\"t\",\"priorErrors\":-1}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		got, err := DecodeTargets(list, 100)
		if err != nil {
			return
		}
		again, err := DecodeTargets(EncodeTargets(got), 100)
		if err != nil || len(again.Instances) != len(got.Instances) || !reflect.DeepEqual(again.Tenants, got.Tenants) {
			t.Errorf("%q: %v\n%+v\n%+v", list, err, got, again)
		}
	})
}
