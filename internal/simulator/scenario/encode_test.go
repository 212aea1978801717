package scenario

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/hotswap-io/terraform-provider-hotswap/internal/yamlfile"
)

// TestEncode writes scenarios and reads them back.
func TestEncode(t *testing.T) {
	files, err := filepath.Glob("../../../examples/scenarios/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		back(t, file, data)
	}
	back(t, "awkward", []byte(minimal+`
name: "12: \"x\" # y"
description: "12: \"x\"\n# y"
versions: {"1e3": {}, "0x1": {bad: false}, "true": {error_rate: 0.000001}, "": {}}
expect: {share: 0, most_tenants: 0}
signals: [{do: pause}]
`))
}

func back(t *testing.T, name string, data []byte) {
	t.Helper()
	read := func(text []byte) (*Scenario, error) { return parse(name, text, (*Scenario).fleetUnmatched) }
	s, err := read(data)
	if err != nil {
		t.Errorf("%v", err)
		return
	}
	text := s.Encode()
	again, err := read(text)
	if err != nil {
		t.Errorf("%s: what was written cannot be read: %v\n%s", name, err, text)
		return
	}
	s.file, again.file = yamlfile.File{}, yamlfile.File{}
	if !reflect.DeepEqual(s, again) && !bytes.Equal(text, again.Encode()) {
		t.Errorf("%s: what was written reads as something else:\n%s\nand then\n%s", name, text, again.Encode())
	}
	if !bytes.Equal(text, again.Encode()) {
		t.Errorf("%s: written again, it differs", name)
	}
}
